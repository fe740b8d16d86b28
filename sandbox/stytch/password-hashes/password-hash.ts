/** The stored hash of a password. */
export type PasswordHash = { matches(password: string): Promise<boolean> }
