import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { root } from '../../sandbox/processes.ts'
import { appEnvironment } from '../../sandbox/settings.ts'

/** In `npm run test:stytch`, the app calls Stytch itself, with the keys of a test project in `.env-test`. */
export const isRealStytch = process.env.STYTCH_REAL === '1'

/**
 * The token of the policy API. With real keys it is random, because the app refuses the demo's token outside the
 * sandbox.
 */
export const controlToken = isRealStytch
  ? (process.env.E2E_CONTROL_TOKEN as string)
  : (appEnvironment.CONTROL_TOKEN as string)

const names = ['STYTCH_PROJECT_ID', 'STYTCH_SECRET', 'STYTCH_PUBLIC_TOKEN'] as const

/**
 * The environment of the app for these tests. Auth0 stays a stand-in, because these tests do not use it.
 * @throws one line that names the missing keys
 */
export function realStytch(): Record<string, string> {
  if (!isRealStytch) return {}
  const file = join(root, '.env-test')
  const keys = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
  const missing = names.filter((name) => !/-test-/.test(keys[name] ?? ''))
  if (missing.length > 0 || (keys.STYTCH_PROJECT_ENV ?? 'test') !== 'test') {
    throw new Error(
      `STYTCH_REAL=1 needs the keys of a Stytch test project in .env-test. It lacks ${missing.join(', ') || 'STYTCH_PROJECT_ENV=test'}. See .env-test.example.`,
    )
  }
  return {
    ...Object.fromEntries(names.map((name) => [name, keys[name] ?? ''])),
    SANDBOX: 'false',
    STYTCH_API_URL: '',
    CONTROL_TOKEN: controlToken,
  }
}
