/**
 * Business time: days, epochs and tenure follow it. It is real time, unless a sandbox has moved it. Sessions and
 * timeouts never ask it.
 */
export class Clock {
  #offsetMilliseconds = 0;

  now(): Temporal.Instant {
    return Temporal.Now.instant().add({ milliseconds: this.#offsetMilliseconds });
  }

  /** Today in UTC. */
  today(): Temporal.PlainDate {
    return this.now().toZonedDateTimeISO('UTC').toPlainDate();
  }

  get offsetMilliseconds(): number {
    return this.#offsetMilliseconds;
  }

  /** Moves business time; only a sandbox and the loader of the demo network do. */
  shiftTo(offsetMilliseconds: number): void {
    this.#offsetMilliseconds = offsetMilliseconds;
  }
}
