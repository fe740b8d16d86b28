import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { hashPassword, isPassword } from './password-hash'

it('a flood of guesses at addresses that nobody has leaves threads free, and is refused beyond a limit', async () => {
  let left = 0
  const guesses = Array.from({ length: 60 }, () => {
    left += 1
    return isPassword('a guess', null)
      .catch(({ code }: { code: string }) => code)
      .finally(() => {
        left -= 1
      })
  })
  await readFile(import.meta.filename)
  // The file did not wait for all of them.
  expect(left).toBeGreaterThan(0)
  const results = await Promise.all(guesses)
  expect(results.filter((result) => result === 'too_many_passwords')).toHaveLength(28)
  expect(results.filter((result) => result === false)).toHaveLength(32)
  expect(await isPassword('right', await hashPassword('right'))).toBe(true)
})
