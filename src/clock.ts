const DAY_MILLISECONDS = 86_400_000;
const EPOCH = Temporal.PlainDate.from('1970-01-01');

/**
 * Business time: days, epochs and tenure follow it. It is real time, unless a sandbox has moved it. Sessions and
 * timeouts never ask it.
 */
export class Clock {
  #offsetMilliseconds = 0;
  #today: { readonly dayNumber: number; readonly day: Temporal.PlainDate } | undefined;

  now(): Temporal.Instant {
    return Temporal.Now.instant().add({ milliseconds: this.#offsetMilliseconds });
  }

  /** Today in UTC. One object all day: a page asks for it a hundred times. */
  today(): Temporal.PlainDate {
    const dayNumber = Math.floor((Date.now() + this.#offsetMilliseconds) / DAY_MILLISECONDS);
    if (this.#today?.dayNumber !== dayNumber) this.#today = { dayNumber, day: EPOCH.add({ days: dayNumber }) };
    return this.#today.day;
  }

  get offsetMilliseconds(): number {
    return this.#offsetMilliseconds;
  }

  /** Moves business time; only a sandbox and the loader of the demo network do. */
  shiftTo(offsetMilliseconds: number): void {
    this.#offsetMilliseconds = offsetMilliseconds;
  }
}
