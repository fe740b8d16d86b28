import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { type Account, findAccount } from '../../account/account'
import { SessionUnproved } from '../../account/proof'
import type { LegacySession } from '../../legacy/session'
import { stytchAccount } from '../../stytch/account'
import { StytchRefusal } from '../../stytch/client'
import { stytchIssuerName } from '../../stytch/issuer'
import {
  type SignedIn,
  sendEmailCode,
  sendPasswordReset,
  setNewPassword,
  signedInByToken,
  signedInOf,
  signInWithCode,
  signInWithPassword,
  signUpWithPassword,
} from '../../stytch/sign-in'
import { createPkce } from '../../token/pkce'
import { carryOver } from '../migration/carry-over'
import { drain } from '../mirror/drain'
import { announceToMirror } from '../mirror/enqueue'
import { legacyUsers, makeJobsDue, newAddress, reportChange, setUpTestBed } from '../mirror/testing'
import { legacySessionOfToken } from '../routing/testing'
import { legacyAccount } from './legacy-account'
import { legacyIdentity } from './legacy-identity'

/**
 * A model of docs/identity-proof.md. The owner of an address and an attacker act in a random order, at both
 * providers, against the stand-ins and a real Postgres. After each step, every session that either has ever had
 * makes a request, also those that have been revoked at their provider: a copied JWT is valid until it expires.
 *
 * Two people never share an account, and nobody loses theirs.
 *
 * The suite runs the same sequences each time. `IDENTITY_MODEL_RUNS=200 npx vitest run identity-model` runs more, of a
 * random seed, and `IDENTITY_MODEL_SEED` repeats them.
 */

const runs = process.env.IDENTITY_MODEL_RUNS ? Number(process.env.IDENTITY_MODEL_RUNS) : null
const randomSeed = () => (runs === null ? 1 : Math.floor(Math.random() * 2 ** 31))
const seed = Number(process.env.IDENTITY_MODEL_SEED ?? randomSeed())
/** The suite must not wait for this test on a slow machine, so it starts no sequence after this time. In milliseconds. */
const patience = runs === null ? 10_000 : Number.POSITIVE_INFINITY

const bed = setUpTestBed()
beforeAll(() => {
  bed.stytch.project.userinfoUrl = `${bed.auth0.url}/userinfo`
})
const passwords = { owner: 'plover-basalt-orrery-31', attacker: 'quince-walnut-tundra-57' }
const sessionMinutes = 24 * 60
type Person = keyof typeof passwords

type Held = {
  by: Person
  /** The Stytch user, or the legacy user. */
  subject: string
  /** Whether the session proves that its holder owns the address. */
  isProved: boolean
  name: string
  open: () => Promise<Account>
}

/** The clock of both stand-ins. A refused migration is tried again after ten minutes, so each step takes eleven. */
let minutes = 0
const tick = async () => {
  minutes += 11
  await bed.stytch.setClock(minutes * 60)
  await bed.auth0.control('PUT', 'clock', { offsetSeconds: minutes * 60 })
}
const now = () => new Date(Date.now() + minutes * 60_000)

class World {
  readonly email = newAddress()
  readonly held: Held[] = []
  readonly legacySessions: { by: Person; session: LegacySession }[] = []
  /** The person who set the password of the Auth0 user. */
  auth0Password: Person | null = null
  ownersAccount: string | null = null
  /** A Stytch user of the attacker, with an address of the attacker. */
  own: { userId: string; email: string; account: Account } | null = null

  readonly stytchUser = () =>
    [...bed.stytch.project.consumer.users.values()].find(({ user }) =>
      user.emails.some(({ email }) => email === this.email),
    )
  readonly legacyUser = async () => (await legacyUsers(bed, this.email))[0]

  async holdStytch(by: Person, isProved: boolean, name: string, signIn: () => Promise<SignedIn>) {
    // A refusal is a valid outcome: the address is taken, or the password is wrong.
    const signedIn = await signIn().catch((error: unknown) => {
      if (error instanceof StytchRefusal) return null
      throw error
    })
    if (!signedIn) return
    const issuer = stytchIssuerName()
    const prepare = announceToMirror(signedIn.user.id, null, new Date())
    await stytchAccount({ ...signedIn, issuer }, signedIn.user, legacyIdentity, prepare).catch(
      ignoreUnproved,
    )
    // Later requests read the session from its JWT, which says less than the answer to a password reset.
    const { factors } = await signedInByToken(signedIn.tokens.sessionToken)
    const session = { ...signedIn, issuer, factors }
    const open = () => stytchAccount(session, null, legacyIdentity, prepare)
    this.held.push({ by, subject: signedIn.subject, isProved, name, open })
  }

  async holdLegacy(by: Person) {
    const user = await this.legacyUser()
    if (!user || this.auth0Password !== by) return
    const { body } = await bed.auth0.control('POST', 'token', {
      email: this.email,
      claims: { jti: crypto.randomUUID() },
    })
    const read = await legacySessionOfToken(body.access_token, now())
    const bearer = { ...read, signedInAt: read.startedAt }
    const { email_verified: emailVerified, name } = user
    const profile = { email: this.email, emailVerified, name, isCurrent: true }
    const sealed = { ...bearer, sid: crypto.randomUUID(), profile }
    for (const session of [sealed, bearer]) {
      this.legacySessions.push({ by, session })
      const open = () => legacyAccount(session)
      const label = `${session.profile ? 'cookie' : 'token'} of Auth0`
      this.held.push({ by, subject: user.user_id, isProved: emailVerified, name: label, open })
      await open().catch(ignoreUnproved)
    }
  }

  async migrate(by: Person) {
    for (const { session } of this.legacySessions.filter((each) => each.by === by)) {
      const outcome = await carryOver(session, async () => session.accessToken, {
        now: now(),
        policy: { version: 1 },
      })
      if (outcome.result !== 'migrated') continue
      const { sessionToken } = outcome.tokens
      await this.holdStytch(by, true, 'migrated session', () => signedInByToken(sessionToken))
    }
  }

  /** Every session makes a request. */
  async check(): Promise<void> {
    const owners = new Map<string, Person>()
    for (const { by, subject, isProved, name, open } of this.held) {
      const account = await open().catch(ignoreUnproved)
      if (!account) {
        const mayOpen = by === 'owner' && isProved && subject !== this.own?.userId
        expect(mayOpen, `the owner's ${name} is refused`).toBe(false)
        continue
      }
      expect(owners.get(account.id) ?? by, `the ${name} opens the account of both`).toBe(by)
      owners.set(account.id, by)
      if (by === 'attacker') {
        const own = subject === this.own?.userId ? this.own.email : null
        expect(account.provedEmail, `the attacker's ${name} has a proved address`).toBe(own)
      } else if (isProved) {
        this.ownersAccount ??= account.id
        expect(account.id, `the owner's ${name} opens another account than before`).toBe(
          this.ownersAccount,
        )
      }
    }
    const user = this.stytchUser()?.user
    const identity = user && { issuer: stytchIssuerName(), subject: user.user_id }
    if (user && identity && (await findAccount(identity))?.provedEmail === this.email) {
      expect(user.phone_numbers, 'the phone number of the attacker is still attached').toEqual([])
      expect(user.emails.map(({ email }) => email)).toEqual([this.email])
    }
    const record = await this.legacyUser()
    expect(record?.user_id, 'the record of the attacker has the address of the owner').not.toBe(
      `auth0|${this.own?.account.id}`,
    )
  }
}

function ignoreUnproved(error: unknown): null {
  if (error instanceof SessionUnproved) return null
  throw error
}

async function addLegacyUser(world: World, by: Person, email_verified: boolean): Promise<void> {
  const { body } = await bed.auth0.machineToken()
  const response = await fetch(`${bed.auth0.url}/api/v2/users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${body.access_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      connection: 'Username-Password-Authentication',
      email: world.email,
      password: passwords[by],
      email_verified,
    }),
  })
  // Another answer says that Auth0 has a user with the address.
  if (response.status === 201) world.auth0Password = by
}

/** The owner uses "Forgot password?" at Auth0: a new password, and a verified address. */
async function resetAtAuth0(world: World, userId: string): Promise<void> {
  const { body } = await bed.auth0.machineToken()
  const patch = (change: object) =>
    fetch(`${bed.auth0.url}/api/v2/users/${encodeURIComponent(userId)}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${body.access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify(change),
    })
  await patch({ password: passwords.owner })
  await patch({ email_verified: true })
  world.auth0Password = 'owner'
}

const signUp = (world: World, by: Person) =>
  world.holdStytch(by, false, 'password sign-up at Stytch', () =>
    signUpWithPassword(world.email, passwords[by], sessionMinutes),
  )
const signIn = (world: World, by: Person) =>
  world.holdStytch(by, false, 'password sign-in at Stytch', () =>
    signInWithPassword(world.email, passwords[by], sessionMinutes),
  )

async function byCode(email: string): Promise<SignedIn> {
  const methodId = await sendEmailCode(email)
  return signInWithCode(methodId, (await bed.stytch.lastMessage()).code ?? '', sessionMinutes)
}

const userOf = (userId: string) =>
  (bed.stytch.project.consumer.users.get(userId) as NonNullable<ReturnType<World['stytchUser']>>)
    .user

/** The attacker signs up at Stytch with an own address. */
async function signUpAttacker(world: World): Promise<NonNullable<World['own']>> {
  const email = newAddress()
  let userId = ''
  await world.holdStytch('attacker', false, 'code for an own address', async () => {
    const signedIn = await byCode(email)
    userId = signedIn.user.id
    return signedIn
  })
  const account = await findAccount({ issuer: stytchIssuerName(), subject: userId })
  return { userId, email, account: account as Account }
}

const steps: Record<string, (world: World) => Promise<unknown>> = {
  'attack: sign up at Stytch': (world) => signUp(world, 'attacker'),
  'attack: sign in at Stytch': (world) => signIn(world, 'attacker'),
  'attack: attach a phone number and an address at Stytch': async (world) => {
    const user = world.stytchUser()?.user
    const sessions = [...bed.stytch.project.consumer.sessions.values()]
    const isSignedIn = sessions.some(
      ({ session }) =>
        session.user_id === user?.user_id &&
        session.authentication_factors.every(({ type }) => type === 'password'),
    )
    const isTheirs = world.held.every(({ by }) => by === 'attacker')
    if (!user || !isSignedIn || !isTheirs) return
    const [phone_id, email_id] = [`phone-number-${crypto.randomUUID()}`, crypto.randomUUID()]
    user.phone_numbers.push({ phone_id, phone_number: '+10000000001', verified: true })
    user.emails.push({ email_id, email: newAddress(), verified: true })
  },
  // The attacker adds the address, and deletes the own one. A user of the stand-in has one address.
  'attack: replace the address of an own Stytch user': async (world) => {
    if (world.stytchUser()) return
    world.own ??= await signUpAttacker(world)
    const email_id = `email-test-${crypto.randomUUID()}`
    userOf(world.own.userId).emails = [{ email_id, email: world.email, verified: false }]
  },
  "attack: plant a session in the owner's browser, whose SDK adds a code": async (world) => {
    const userId = world.stytchUser()?.user.user_id
    const planted = [...bed.stytch.project.consumer.sessions.values()].find(
      ({ session }) =>
        session.user_id === userId &&
        session.authentication_factors.every(({ type }) => type === 'password'),
    )
    if (!planted || world.held.some(({ by }) => by === 'owner')) return
    await world.holdStytch('attacker', false, 'planted session', async () => {
      const methodId = await sendEmailCode(world.email)
      const code = (await bed.stytch.lastMessage()).code ?? ''
      const session = { session_token: planted.token, session_duration_minutes: sessionMinutes }
      const { otps } = bed.stytch.stytch
      return signedInOf(await otps.authenticate({ method_id: methodId, code, ...session }))
    })
  },
  'attack: sign up or in at Auth0': async (world) => {
    await addLegacyUser(world, 'attacker', false)
    await world.holdLegacy('attacker')
  },
  'attack: migrate': (world) => world.migrate('attacker'),
  'sign up at Stytch': (world) => signUp(world, 'owner'),
  'sign in at Stytch by password': (world) => signIn(world, 'owner'),
  'sign in at Stytch by code': (world) =>
    world.holdStytch('owner', true, 'code at Stytch', () => byCode(world.email)),
  'reset the password at Stytch': (world) =>
    world.holdStytch('owner', true, 'password reset at Stytch', async () => {
      const { email } = world
      const { codeVerifier, codeChallenge } = createPkce()
      await sendPasswordReset(email, 'http://localhost:3000/authenticate', codeChallenge)
      const token = await bed.stytch.lastToken()
      return setNewPassword(token, passwords.owner, { email, codeVerifier }, sessionMinutes)
    }),
  'sign up or in at Auth0': async (world) => {
    await addLegacyUser(world, 'owner', true)
    const user = await world.legacyUser()
    if (user && (world.auth0Password !== 'owner' || !user.email_verified))
      await resetAtAuth0(world, user.user_id)
    await world.holdLegacy('owner')
  },
  migrate: (world) => world.migrate('owner'),
  'import: Auth0 users to Stytch, with their passwords': async (world) => {
    const record = await world.legacyUser()
    if (!record || world.stytchUser() || !world.auth0Password) return
    const password = passwords[world.auth0Password]
    const { user_id } = await bed.stytch.stytch.passwords.create({ email: world.email, password })
    await bed.stytch.stytch.users.update({ user_id, external_id: record.user_id })
    const [address] = world.stytchUser()?.user.emails ?? []
    if (address) address.verified = record.email_verified
  },
  'mirror: run the jobs': async ({ own }) => {
    // Stytch sends a webhook message for each change of a user.
    if (own) await reportChange(own, 'changed')
    await makeJobsDue(bed)
    await drain()
  },
}

it('two people never share an account, and nobody loses theirs', async () => {
  console.info(`identity model: seed ${seed}`)
  const sequence = fc.array(fc.constantFrom(...Object.keys(steps)), {
    minLength: 4,
    maxLength: 16,
  })
  const started = performance.now()
  await fc.assert(
    fc.asyncProperty(sequence, async (names) => {
      // An interruption by fast-check would leave a sequence running, and would fail if the first one is slow.
      if (performance.now() - started > patience) return
      const world = new World()
      for (const name of names) {
        await tick()
        await steps[name]?.(world)
        await world.check()
      }
    }),
    {
      seed,
      numRuns: runs ?? 24,
      endOnFailure: true,
    },
  )
}, 300_000)
