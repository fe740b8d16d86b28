import { type BrowserContext, expect, type Page } from '@playwright/test'
import { expectAccessible } from '../../steps/accessible.ts'
import type { Preset } from '../../world/policy.ts'
import { test } from '../../world/test.ts'

/** States of the app's pages. Axe checks each one. */

export type State = {
  name: string
  policy?: Preset | object
  open(page: Page, context: BrowserContext): Promise<unknown>
}

/** States with the same policy come together, because each change of the policy takes a second. */
export function expectEachAccessible(states: State[]): void {
  const groups = Map.groupBy(states, ({ policy }) => JSON.stringify(policy))
  for (const { name, policy = 'before-the-migration', open } of [...groups.values()].flat()) {
    test.describe(name, () => {
      test.use({ policy })

      test('axe finds nothing, and nothing overflows', async ({ page, context }) => {
        await open(page, context)
        await expectAccessible(page)
      })
    })
  }
}

export const heading = (page: Page, name: string) =>
  expect(page.getByRole('heading', { name, exact: true })).toBeVisible()

/** A word that overflows a layout that does not break long words. */
export const longWord =
  'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'
