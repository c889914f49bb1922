/** Days counted back from today. Each is made once: the ledgers of two years name the same thousand days over and over. */
export class Calendar {
  readonly today: Temporal.PlainDate;
  readonly #days = new Map<number, Temporal.PlainDate>();

  constructor(today: Temporal.PlainDate) {
    this.today = today;
  }

  /** The day of an age, in days before today; below zero it is still to come. */
  day(age: number): Temporal.PlainDate {
    let day = this.#days.get(age);
    if (!day) this.#days.set(age, (day = this.today.subtract({ days: age })));
    return day;
  }

  /** The age of the last day of the month that a day lies in. */
  endOfMonth(age: number): number {
    const day = this.day(age);
    return age - (day.daysInMonth - day.day);
  }

  /** Money moves on working days: the age of the Monday after, for a day of a weekend. */
  workingDay(age: number): number {
    const { dayOfWeek } = this.day(age);
    return dayOfWeek < 6 ? age : age - (8 - dayOfWeek);
  }
}
