import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { logIn, type StandIn, startForTests } from '../../../sandbox/auth0/fixture.ts'
import { appEnvironment } from '../../../sandbox/settings.ts'
import { startForTests as startStytch, type TestStandIn } from '../../../sandbox/stytch/fixture.ts'
import type { Account, Identity } from '../../account/account'
import type { Database } from '../../db/database'
import { openTestDatabase } from '../../db/testing'
import { legacyConfig } from '../../legacy/config'
import { stytchAccount } from '../../stytch/account'
import { stytchIssuerName } from '../../stytch/issuer'
import {
  type SignedIn,
  sendEmailCode,
  sendPasswordReset,
  setNewPassword,
  signedInOf,
  signInWithCode,
} from '../../stytch/sign-in'
import { createPkce } from '../../token/pkce'
import { events, mirrorPasswords } from '../schema'
import { announceToMirror, mirrorChange } from './enqueue'
import { closeQueue, queue } from './queue'

/** Only for tests of the mirror: the real SDKs, both stand-ins on free ports, and a database. */
export type TestBed = { db: Database; auth0: StandIn; stytch: TestStandIn }

export async function openTestBed(): Promise<TestBed> {
  const auth0 = await startForTests()
  const stytch = await startStytch({ userinfoUrl: `${auth0.url}/userinfo` })
  Object.assign(process.env, appEnvironment, {
    STYTCH_API_URL: stytch.url,
    AUTH0_DOMAIN: auth0.url,
  })
  return { db: await openTestDatabase(), auth0, stytch }
}

export async function closeTestBed({ auth0, stytch }: TestBed): Promise<void> {
  await closeQueue()
  await Promise.all([auth0.close(), stytch.close()])
}

/** Opens the test bed for one test file. Each test begins with the seed data of Auth0 and without jobs. */
export function setUpTestBed(): TestBed {
  const bed = {} as TestBed
  beforeAll(async () => {
    Object.assign(bed, await openTestBed())
  })
  beforeEach(async () => {
    await bed.auth0.control('POST', 'reset')
    await (await queue()).deleteAllJobs()
    await bed.db.delete(mirrorPasswords)
  })
  afterAll(() => closeTestBed(bed))
  return bed
}

export const newAddress = (): string => `${crypto.randomUUID()}@example.com`
/** A password that Stytch accepts. Auth0's password policy "good" refuses it for having two kinds of characters. */
export const passphrase = 'plover basalt orrery quince'
export const goodPassword = 'purple-otter-lamp-74'
export const otherPassword = 'another-otter-lamp-74'

export type SignedUp = { account: Account; userId: string; email: string }

/**
 * Signs a user up at Stytch, and opens the account as session/sign-in.ts does. The user proves the address by a code, or
 * by the mailed link at which they set the password.
 */
export async function signUp(
  { stytch }: Pick<TestBed, 'stytch'>,
  options: { email?: string; password?: string | null; now?: Date } = {},
): Promise<SignedUp> {
  const { email = newAddress(), password = goodPassword, now = new Date() } = options
  const methodId = await sendEmailCode(email)
  const code = (await stytch.lastMessage()).code ?? ''
  const signedIn =
    password === null
      ? await signInWithCode(methodId, code, 60)
      : await setPasswordByLink({ stytch }, email, password)
  const typed = password === null ? null : { text: password, isNew: false }
  const account = await openMirroredAccount(signedIn, typed, now)
  return { account, userId: signedIn.user.id, email }
}

async function setPasswordByLink(
  { stytch }: Pick<TestBed, 'stytch'>,
  email: string,
  password: string,
): Promise<SignedIn> {
  const { codeVerifier, codeChallenge } = createPkce()
  await sendPasswordReset(email, `${appEnvironment.APP_BASE_URL}/authenticate`, codeChallenge)
  const link = new URL((await stytch.lastMessage()).link ?? '')
  const token = link.searchParams.get('token') ?? ''
  return setNewPassword(token, password, { email, codeVerifier }, 60)
}

/** Signs a user up with a password alone, as an attacker does with a stranger's address. */
export async function signUpUnproved(
  { stytch }: Pick<TestBed, 'stytch'>,
  { email = newAddress(), password = goodPassword } = {},
): Promise<SignedUp & { signedIn: SignedIn }> {
  const signedIn = signedInOf(
    await stytch.stytch.passwords.create({ email, password, session_duration_minutes: 60 }),
  )
  const account = await openMirroredAccount(signedIn, { text: password, isNew: false }, new Date())
  return { account, userId: signedIn.user.id, email, signedIn }
}

function openMirroredAccount(
  { user, ...opened }: SignedIn,
  password: { text: string; isNew: boolean } | null,
  now: Date,
): Promise<Account> {
  return stytchAccount(
    { ...opened, issuer: stytchIssuerName() },
    user,
    (externalId): Identity => ({ issuer: legacyConfig().issuer, subject: externalId }),
    announceToMirror(user.id, password, now),
  )
}

/** Tells the mirror of a change at Stytch, as a webhook message does. */
export const reportChange = (
  { account, userId }: Pick<SignedUp, 'account' | 'userId'>,
  change: 'changed' | 'deleted',
): Promise<void> => mirrorChange({ accountId: account.id, userId, change }, crypto.randomUUID())

/** Makes every waiting job due. */
export async function makeJobsDue({ db }: TestBed): Promise<void> {
  await db.execute(
    sql`update pgboss.job set start_after = now() where state in ('created', 'retry')`,
  )
}

/** The seconds until the one job in the queue is retried. */
export async function secondsUntilRetry({ db }: TestBed): Promise<number> {
  const { rows } = (await db.execute(
    sql`select extract(epoch from start_after - now())::float8 as wait from pgboss.job where state = 'retry'`,
  )) as unknown as { rows: { wait: number }[] }
  return rows[0]?.wait ?? 0
}

/** The content of every table that could hold a password, as text. */
export async function dumpTables({ db }: TestBed): Promise<string> {
  const tables = ['pgboss.job', 'mirror_passwords', 'events', 'identities', 'accounts']
  const dumps = await Promise.all(
    tables.map((table) => db.execute(sql`select * from ${sql.raw(table)}`)),
  )
  return JSON.stringify(dumps.map((dump) => (dump as unknown as { rows: unknown[] }).rows))
}

export const pendingPasswords = ({ db }: TestBed) => db.select().from(mirrorPasswords)

/** The events of an account, each as "kind result reason". */
export async function eventsOf({ db }: TestBed, { id }: Account): Promise<string[]> {
  const rows = await db.select().from(events).where(eq(events.accountId, id)).orderBy(events.id)
  return rows.map(({ kind, result, reason }) => `${kind} ${result} ${reason}`)
}

/** Makes every request to Auth0 fail until {@link restoreAuth0}. */
export const breakAuth0 = ({ auth0 }: TestBed) =>
  auth0.control('PUT', 'faults', [{ path: '*', drop: true }])
export const restoreAuth0 = ({ auth0 }: TestBed) => auth0.control('DELETE', 'faults')

/** The mails that Auth0 sent. */
export async function auth0Mails({
  auth0,
}: TestBed): Promise<{ to: string; kind: string; link: string }[]> {
  return (await auth0.control('GET', 'inbox')).body as { to: string; kind: string; link: string }[]
}

export type LegacyUser = {
  user_id: string
  email: string
  email_verified: boolean
  name: string
  blocked: boolean
  app_metadata: Record<string, unknown>
}

/** The users of Auth0 with this address, read without the code under test. */
export async function legacyUsers(
  { auth0 }: Pick<TestBed, 'auth0'>,
  email: string,
): Promise<LegacyUser[]> {
  const { body } = await auth0.machineToken()
  const response = await fetch(`${auth0.url}/api/v2/users-by-email?email=${email}`, {
    headers: { authorization: `Bearer ${body.access_token}` },
  })
  return (await response.json()) as LegacyUser[]
}

/** Whether the Auth0 login accepts this password. */
export async function canSignIn(
  { auth0 }: TestBed,
  email: string,
  password: string,
): Promise<boolean> {
  return (await logIn(auth0, email, { password })).code !== ''
}

/** The number of requests that Auth0 got for this path. */
export async function countRequests(
  { auth0 }: TestBed,
  method: string,
  path: string,
): Promise<number> {
  const { body } = await auth0.control('GET', 'requests')
  return (body as { method: string; path: string }[]).filter(
    (each) => each.method === method && each.path === path,
  ).length
}
