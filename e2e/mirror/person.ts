import { type BrowserContext, expect, type Page } from '@playwright/test'
import { me } from '../steps/me.ts'
import { addNote, notes } from '../steps/page.ts'
import { database } from '../world/database.ts'
import { afterRetries } from './test.ts'

/** A user who must keep the same account. The test stores the account once, and compares it later. */
export class Person {
  readonly name: string
  readonly page: Page
  #user: unknown
  constructor(name: string, page: Page) {
    this.name = name
    this.page = page
  }
  get context(): BrowserContext {
    return this.page.context()
  }
  get note(): string {
    return `Of ${this.name}`
  }
  async settle(): Promise<void> {
    await addNote(this.page, this.note)
    this.#user = (await me(this.context)).body.user
  }
  /** Loads a page that needs a session. It must open without a login, with the same account and notes. */
  async expectUndisturbed(lane: 'stytch' | 'legacy' | RegExp): Promise<void> {
    const response = await this.page.goto('/dashboard')
    expect(response?.status(), this.name).toBe(200)
    await expect(this.page, this.name).toHaveURL('/dashboard')
    await expect(notes(this.page), this.name).toContainText(this.note)
    await expect(notes(this.page).getByRole('listitem'), this.name).toHaveCount(1)
    const { body } = await me(this.context)
    expect(body.user, this.name).toEqual(this.#user)
    expect(body.session.lane, this.name).toMatch(lane)
  }
}

/** The results of the mirror for an address, in order. */
export const mirrorResults = async (email: string) => {
  const rows = await database.query<{ result: string }>(
    `select e.result from events e join accounts a on a.id = e.account_id
     where e.kind = 'mirror' and a.email = $1 order by e.id`,
    [email],
  )
  return rows.map(({ result }) => result)
}
/** Waits until the legacy provider has a record for an address. */
export const untilMirrored = (email: string) =>
  expect.poll(() => mirrorResults(email), afterRetries).toEqual(expect.arrayContaining(['created']))
