import { sql } from 'drizzle-orm'
import { logIn, type StandIn, startForTests } from '../../../sandbox/auth0/fixture.ts'
import { appEnvironment } from '../../../sandbox/settings.ts'
import { startForTests as startStytch, type TestStandIn } from '../../../sandbox/stytch/fixture.ts'
import type { Account, Identity } from '../../account/account'
import type { Database } from '../../db/database'
import { openTestDatabase } from '../../db/testing'
import { legacyConfig } from '../../legacy/config'
import { stytchAccount } from '../../stytch/account'
import { stytchIssuerName } from '../../stytch/issuer'
import { type SignedIn, signedInOf } from '../../stytch/sign-in'
import { announceToMirror } from './enqueue'
import { closeQueue } from './queue'

export type World = {
  db: Database
  auth0: StandIn
  stytch: TestStandIn
  close(): Promise<void>
}

/** Only for tests: the real SDKs, both stand-ins on free ports, and an embedded database. */
export async function openWorld(): Promise<World> {
  const [auth0, stytch] = await Promise.all([startForTests(), startStytch()])
  Object.assign(process.env, appEnvironment, {
    STYTCH_API_URL: stytch.url,
    AUTH0_DOMAIN: auth0.url,
  })
  const db = await openTestDatabase()
  return {
    db,
    auth0,
    stytch,
    async close() {
      await closeQueue()
      await Promise.all([auth0.close(), stytch.close()])
    },
  }
}

export const newAddress = (): string => `${crypto.randomUUID()}@example.com`
export const goodPassword = 'purple-otter-lamp-74'

/** Somebody signs up at Stytch and is seen here for the first time, as lib/seam.ts does it. */
export async function signUp(
  { stytch }: World,
  options: { email?: string; password?: string | null; now?: Date } = {},
): Promise<{ account: Account; userId: string; email: string }> {
  const { email = newAddress(), password = goodPassword, now = new Date() } = options
  const session = { session_duration_minutes: 60 }
  let answer: unknown
  if (password === null) {
    const { email_id: methodId } = await stytch.stytch.otps.email.loginOrCreate({ email })
    const code = (await stytch.lastMessage()).code ?? ''
    answer = await stytch.stytch.otps.authenticate({ method_id: methodId, code, ...session })
  } else {
    answer = await stytch.stytch.passwords.create({ email, password, ...session })
  }
  const signedIn = signedInOf(answer)
  const userId = signedIn.user.id
  const account = await see(
    signedIn,
    password === null ? null : { text: password, isNew: false },
    now,
  )
  return { account, userId, email }
}

/** The account of somebody who has just signed in at Stytch, as lib/seam.ts finds it. */
export function see(
  { user, ...opened }: SignedIn,
  password: { text: string; isNew: boolean } | null = null,
  now = new Date(),
): Promise<Account> {
  return stytchAccount(
    { ...opened, issuer: stytchIssuerName() },
    user,
    (externalId): Identity => ({ issuer: legacyConfig().issuer, subject: externalId }),
    announceToMirror(user.id, password, now),
  )
}

/** Makes every waiting job due, as time would. */
export async function skipBackOff(db: Database): Promise<void> {
  await db.execute(
    sql`update pgboss.job set start_after = now() where state in ('created', 'retry')`,
  )
}

/** Everything that the database holds about jobs and debts, as text. */
export async function everythingStored(db: Database): Promise<string> {
  const tables = ['pgboss.job', 'mirror_passwords', 'events', 'identities', 'accounts']
  const dumps = await Promise.all(
    tables.map((table) => db.execute(sql`select * from ${sql.raw(table)}`)),
  )
  return JSON.stringify(dumps.map((dump) => (dump as unknown as { rows: unknown[] }).rows))
}

export type LegacyUser = {
  user_id: string
  email: string
  email_verified: boolean
  name: string
  blocked: boolean
  app_metadata: Record<string, unknown>
}

/** What the legacy provider knows, asked past the code under test. */
export async function legacyUsers({ auth0 }: World, email: string): Promise<LegacyUser[]> {
  const { body } = await auth0.machineToken()
  const response = await fetch(`${auth0.url}/api/v2/users-by-email?email=${email}`, {
    headers: { authorization: `Bearer ${body.access_token}` },
  })
  return (await response.json()) as LegacyUser[]
}

/** Whether the legacy login lets somebody in. */
export async function getsIn({ auth0 }: World, email: string, password: string): Promise<boolean> {
  return (await logIn(auth0, email, { password })).code !== ''
}

/** How often a path of the legacy provider was asked. */
export async function asked({ auth0 }: World, method: string, path: string): Promise<number> {
  const { body } = await auth0.control('GET', 'requests')
  return (body as { method: string; path: string }[]).filter(
    (each) => each.method === method && each.path === path,
  ).length
}
