import { createHash } from 'node:crypto'
import bcrypt from 'bcryptjs'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { demoPassword } from '../../settings.ts'
import { errorOf, startForTests } from '../fixture.ts'
import { breachedPassword } from './password-strength.ts'

const standIn = await startForTests()
const { stytch } = standIn
const { passwords } = stytch
beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

const ada = 'ada@example.com'
const grace = 'grace@example.com'
const strong = 'violet tractor umbrella 42'
const stronger = 'seven quiet lanterns over Oslo'
const sixty = { session_duration_minutes: 60 }
const wrong = [401, 'unauthorized_credentials']

describe('a password', () => {
  it('signs up and signs in', async () => {
    const created = await passwords.create({ email: grace, password: strong, ...sixty })
    expect(created.session?.authentication_factors).toMatchObject([
      { type: 'password', delivery_method: 'knowledge' },
    ])
    expect(created.user.password).toMatchObject({ requires_reset: false })
    const { user_id } = await passwords.authenticate({ email: grace, password: strong })
    expect(user_id).toBe(created.user_id)
  })

  it('is checked by zxcvbn, as by default at Stytch', async () => {
    const good = await passwords.strengthCheck({ password: strong, email: grace })
    expect(good).toMatchObject({
      valid_password: true,
      breached_password: false,
      strength_policy: 'zxcvbn',
      breach_detection_on_create: true,
    })
    expect(good.score).toBeGreaterThanOrEqual(3)
    const bad = await passwords.strengthCheck({ password: 'password1' })
    expect(bad).toMatchObject({ valid_password: false })
    expect(bad.feedback?.warning).not.toBe('')
    const breached = await passwords.strengthCheck({ password: breachedPassword })
    expect(breached).toMatchObject({ valid_password: false, breached_password: true })
  })

  it('is changed with the old password, which ends all sessions', async () => {
    const before = await passwords.authenticate({ email: ada, password: demoPassword, ...sixty })
    await passwords.existingPassword.reset({
      email: ada,
      existing_password: demoPassword,
      new_password: strong,
    })
    const { session_token } = before
    const gone = await errorOf(stytch.sessions.authenticate({ session_token }))
    expect(gone).toEqual([404, 'session_not_found'])
    await passwords.authenticate({ email: ada, password: strong })
  })

  it('is changed with a new session, which stays', async () => {
    const credentials = { email: ada, password: demoPassword }
    const other = await passwords.authenticate({ ...credentials, ...sixty })
    const { session_token } = await passwords.authenticate({ ...credentials, ...sixty })
    const reset = await passwords.sessions.reset({ password: strong, session_token })
    expect(reset.session_token).toBe(session_token)
    const gone = stytch.sessions.authenticate({ session_token: other.session_token })
    expect(await errorOf(gone)).toEqual([404, 'session_not_found'])

    await standIn.setClock(5 * 60 + 1)
    const late = passwords.sessions.reset({ password: stronger, session_token })
    expect(await errorOf(late)).toEqual([400, 'session_too_old_to_reset_password'])
  })
})

describe('a reset by e-mail', () => {
  const code_verifier = 'v'.repeat(64)
  const code_challenge = createHash('sha256').update(code_verifier).digest('base64url')
  const unable = [401, 'unable_to_auth_password_reset_token']

  it('sets a new password, verifies the address and ends the old sessions', async () => {
    const old = await passwords.create({ email: grace, password: strong, ...sixty })
    await passwords.email.resetStart({
      email: grace,
      reset_password_redirect_url: 'http://localhost:3000/authenticate',
    })
    const { link } = await standIn.lastMessage()
    const redirect = await fetch(link ?? '', { redirect: 'manual' })
    expect(redirect.headers.get('location')).toContain('stytch_token_type=reset_password')

    const token = await standIn.lastToken()
    const reset = await passwords.email.reset({ token, password: stronger, ...sixty })
    expect(reset.user.emails[0]?.verified).toBe(true)
    const { session_token } = old
    const gone = await errorOf(stytch.sessions.authenticate({ session_token }))
    expect(gone).toEqual([404, 'session_not_found'])
    await stytch.sessions.authenticate({ session_token: reset.session_token })
    await passwords.authenticate({ email: grace, password: stronger })
    expect(await errorOf(passwords.email.reset({ token, password: strong }))).toEqual(unable)
  })

  it('is not used up by a weak password or a wrong verifier', async () => {
    await passwords.email.resetStart({ email: ada, code_challenge })
    const token = await standIn.lastToken()
    const missing = await errorOf(passwords.email.reset({ token, password: strong }))
    expect(missing).toEqual([400, 'pkce_expected_code_verifier'])
    const weak = await errorOf(passwords.email.reset({ token, password: 'ada', code_verifier }))
    expect(weak).toEqual([400, 'weak_password'])
    await passwords.email.reset({ token, password: strong, code_verifier })
  })

  it('expires after 30 minutes', async () => {
    await passwords.email.resetStart({ email: ada })
    await standIn.setClock(30 * 60)
    const token = await standIn.lastToken()
    expect(await errorOf(passwords.email.reset({ token, password: strong }))).toEqual(unable)
  })

  it('makes a password work that had to be reset', async () => {
    await passwords.create({ email: grace, password: strong })
    await stytch.magicLinks.email.loginOrCreate({ email: grace })
    await stytch.magicLinks.authenticate({ token: await standIn.lastToken() })
    const before = await errorOf(passwords.authenticate({ email: grace, password: strong }))
    expect(before).toEqual([400, 'reset_password'])
    await passwords.email.resetStart({ email: grace })
    await passwords.email.reset({ token: await standIn.lastToken(), password: stronger })
    await passwords.authenticate({ email: grace, password: stronger })
  })
})

describe('migrating a hash', () => {
  const hash = bcrypt.hashSync('legacy-password', 4)

  it('creates the user, with external id and verified address', async () => {
    const migrated = await passwords.migrate({
      email: grace,
      hash,
      hash_type: 'bcrypt',
      external_id: 'auth0|grace',
      set_email_verified: true,
      name: { first_name: 'Grace' },
    })
    expect(migrated).toMatchObject({
      user_created: true,
      user: { external_id: 'auth0|grace', emails: [{ verified: true }] },
    })
    const signedIn = await passwords.authenticate({ email: grace, password: 'legacy-password' })
    expect(signedIn.user_id).toBe(migrated.user_id)
  })

  it('imports the hash for a user without a password, who keeps the external id', async () => {
    const { user_id } = await stytch.users.create({ email: grace, external_id: 'auth0|kept' })
    const options = { email: grace, hash, hash_type: 'bcrypt', external_id: 'auth0|other' }
    const migrated = await passwords.migrate(options)
    expect(migrated).toMatchObject({ user_created: false, user_id })
    expect(migrated.user.external_id).toBe('auth0|kept')
    expect(await errorOf(passwords.migrate(options))).toEqual([400, 'password_already_exists'])
  })
})

describe('refuses', () => {
  it('a wrong password, an unknown address and a user without a password', async () => {
    const check = (email: string) => errorOf(passwords.authenticate({ email, password: 'nope' }))
    expect(await check(ada)).toEqual(wrong)
    expect(await check(grace)).toEqual([404, 'email_not_found'])
    await stytch.users.create({ email: grace })
    expect(await check(grace)).toEqual([400, 'no_user_password'])
  })

  it('a sign-up with a weak password, a breached password or a taken address', async () => {
    const create = (email: string, password: string) =>
      errorOf(passwords.create({ email, password }))
    expect(await create(grace, 'grace')).toEqual([400, 'weak_password'])
    expect(await create(grace, breachedPassword)).toEqual([400, 'breached_password'])
    expect(await create(ada, strong)).toEqual([400, 'duplicate_email'])
  })

  it('an imported password that is breached', async () => {
    const hash = bcrypt.hashSync(breachedPassword, 4)
    await passwords.migrate({ email: grace, hash, hash_type: 'bcrypt' })
    const call = passwords.authenticate({ email: grace, password: breachedPassword })
    expect(await errorOf(call)).toEqual([400, 'reset_password'])
  })

  it('even the right password for an hour, after ten wrong ones', async () => {
    const hash = bcrypt.hashSync(strong, 4)
    await passwords.migrate({ email: grace, hash, hash_type: 'bcrypt' })
    const attempt = (password: string) => passwords.authenticate({ email: grace, password })
    for (let i = 0; i < 10; i += 1) expect(await errorOf(attempt('nope'))).toEqual(wrong)
    expect(await errorOf(attempt(strong))).toEqual([429, 'user_lock_limit_reached'])
    await standIn.setClock(3600)
    const { user } = await attempt(strong)
    expect(user.is_locked).toBe(false)
  })
})
