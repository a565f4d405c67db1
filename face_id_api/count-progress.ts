/** A bar for people: so many of so many, how fast, and for how long still. Without a terminal nothing is drawn. */
export type CountProgress = { start(total: number): void; step(): void; done(): void };
