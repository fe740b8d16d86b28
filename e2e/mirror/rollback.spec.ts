import { haveLegacySession } from '../steps/legacy-session.ts'
import {
  askForCode,
  codeFor,
  enterCode,
  goodPassword,
  openInAnotherBrowser,
} from '../steps/login.ts'
import { me } from '../steps/me.ts'
import { carriedOver, notes } from '../steps/page.ts'
import { newAddress } from '../steps/people.ts'
import { legacyInbox, signInAtLegacy } from '../steps/sign-in-at-legacy.ts'
import { auth0 } from '../world/auth0.ts'
import { isInHouse } from '../world/legacy-provider.ts'
import { putPolicy } from '../world/policy.ts'
import { count } from '../world/stand-in.ts'
import { stytch } from '../world/stytch.ts'
import { signUp } from './mirror.ts'
import { mirrorResults, Person, untilMirrored } from './person.ts'
import { expect, test } from './test.ts'

/** Forward and back with users in all states, with the mirror on. */

const forward = 'zero-downtime'
const back = 'before-the-migration'

test('forward, back and forward with users in all states asks nobody to sign in, and each user keeps account and notes', async ({
  browser,
}) => {
  test.setTimeout(120_000)
  const someone = async (name: string) => new Person(name, await browser.newPage())
  const carried = await someone('who is carried over')
  const absent = await someone('who does not come by meanwhile')
  const unverified = await someone('whose address is not verified')
  const born = await someone('born at Stytch, with a password')
  const bornByCode = await someone('born at Stytch, without one')
  const midLogin = await someone('with a code in the mail')
  const address = { born: newAddress(), bornByCode: newAddress(), midLogin: newAddress() }

  await test.step('before the migration', async () => {
    for (const [person, email] of [
      [carried, 'ada@example.com'],
      [absent, 'grace@example.com'],
      [unverified, 'alan@example.com'],
    ] as const) {
      await haveLegacySession(person.context, email)
      await person.page.goto('/dashboard')
      await person.settle()
    }
  })

  await test.step('forward', async () => {
    await putPolicy(forward)
    await carried.page.goto('/dashboard')
    await expect(carriedOver(carried.page)).toBeVisible()
    await carried.expectUndisturbed('stytch')
    await unverified.expectUndisturbed('legacy')
    await signUp(born.page, address.born)
    await born.settle()
    await askForCode(bornByCode.page, address.bornByCode, '/login')
    await enterCode(bornByCode.page, await codeFor(address.bornByCode))
    await bornByCode.page.waitForURL('/dashboard')
    await bornByCode.settle()
    await untilMirrored(address.born)
    await untilMirrored(address.bornByCode)
    await askForCode(midLogin.page, address.midLogin, '/login')
  })

  await test.step('back', async () => {
    await putPolicy(back)
    await stytch.forgetRequests()
    await carried.expectUndisturbed('stytch')
    await absent.expectUndisturbed('legacy')
    await unverified.expectUndisturbed('legacy')
    await born.expectUndisturbed('stytch')
    await bornByCode.expectUndisturbed('stytch')
    expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(0)
    // The mailed code still works after the rollback, also when the user reloads the page.
    await midLogin.page.reload()
    await expect(midLogin.page.getByRole('heading', { name: 'Enter the code' })).toBeVisible()
    await enterCode(midLogin.page, await codeFor(address.midLogin))
    await midLogin.page.waitForURL('/dashboard')
    await midLogin.settle()
    await midLogin.expectUndisturbed('stytch')
  })

  const secondDevice = await someone('born at Stytch, with a password')
  const thirdDevice = await someone('born at Stytch, without one')
  await test.step('a user who signed up at Stytch signs in at legacy, on another device, with the same password', async () => {
    await signInAtLegacy(secondDevice.page, address.born, '/dashboard', goodPassword)
    await expect(notes(secondDevice.page)).toContainText(born.note)
    expect((await me(secondDevice.context)).body).toMatchObject({
      user: (await me(born.context)).body.user,
      session: { lane: 'legacy' },
    })
  })

  await test.step('a user without a password sets one by the mail of the legacy provider', async () => {
    const mail = (await legacyInbox()).findLast(({ to }) => to === address.bornByCode)
    const { page } = thirdDevice
    await page.goto(mail?.link ?? '')
    await page.getByLabel(/password/i).fill('set-by-the-mail-1')
    await page.getByRole('button').click()
    await expect(page.getByRole('heading', { name: 'Password changed' })).toBeVisible()
    await signInAtLegacy(page, address.bornByCode, '/dashboard', 'set-by-the-mail-1')
    await expect(notes(page)).toContainText(bornByCode.note)
    expect((await me(thirdDevice.context)).body).toMatchObject({
      user: (await me(bornByCode.context)).body.user,
      session: { lane: 'legacy' },
    })
    // The session on the first device stays.
    await bornByCode.expectUndisturbed('stytch')
  })

  await test.step('forward again', async () => {
    await putPolicy(forward)
    for (const person of [carried, born, bornByCode, midLogin])
      await person.expectUndisturbed('stytch')
    await absent.page.goto('/dashboard')
    await expect(carriedOver(absent.page)).toBeVisible()
    await absent.expectUndisturbed('stytch')
    await unverified.expectUndisturbed('legacy')
    // A password does not verify an address, so the app keeps that session on the legacy lane.
    // A mailed code verifies it, so the app carries that session over to the user who signed up at Stytch.
    for (const [device, original, lane] of [
      [secondDevice, born, 'legacy'],
      [thirdDevice, bornByCode, 'stytch'],
    ] as const) {
      await device.page.goto('/dashboard')
      if (lane === 'stytch') await expect(carriedOver(device.page)).toBeVisible()
      await expect(notes(device.page)).toContainText(original.note)
      const { body } = await me(device.context)
      expect(body.user).toEqual((await me(original.context)).body.user)
      expect(body.session.lane).toBe(lane)
    }
    for (const email of [address.born, address.bornByCode])
      expect((await stytch.users()).filter((user) => user.email === email)).toHaveLength(1)
  })

  await test.step('and back once more', async () => {
    await putPolicy(back)
    for (const person of [carried, absent, born, bornByCode, midLogin])
      await person.expectUndisturbed('stytch')
    await unverified.expectUndisturbed('legacy')
  })

  const everybody = [
    carried,
    absent,
    unverified,
    born,
    bornByCode,
    midLogin,
    secondDevice,
    thirdDevice,
  ]
  for (const { context } of everybody) await context.close()
})

test('while the legacy provider is down, a rollback signs nobody out, and the mirror catches up later', async ({
  page,
  context,
}) => {
  test.skip(isInHouse(), 'the in-house login is down only together with the app')
  const legacy = new Person('on legacy', await openInAnotherBrowser(page))
  await haveLegacySession(legacy.context, 'grace@example.com')
  await legacy.page.goto('/dashboard')
  await legacy.settle()
  const carried = new Person('carried over', page)
  await haveLegacySession(context, 'ada@example.com')
  await page.goto('/dashboard')
  await carried.settle()
  await putPolicy(forward)
  await page.goto('/dashboard')
  await expect(carriedOver(page)).toBeVisible()

  await auth0.setFaults([{ path: '/*', drop: true }])
  const email = newAddress()
  const born = new Person('born while it was down', await openInAnotherBrowser(page))
  const stranger = await openInAnotherBrowser(page)
  try {
    await signUp(born.page, email)
    await born.settle()
    await putPolicy(back)
    await legacy.expectUndisturbed('legacy')
    await carried.expectUndisturbed('stytch')
    await born.expectUndisturbed('stytch')
    // A user who is signed out gets the login page.
    await stranger.goto('/dashboard')
    await expect(stranger.getByRole('link', { name: 'Continue to sign in' })).toBeVisible()
    expect(await mirrorResults(email)).not.toContain('created')
  } finally {
    await auth0.clearFaults()
  }
  await untilMirrored(email)
  await signInAtLegacy(stranger, email, '/dashboard', goodPassword)
  await expect(notes(stranger)).toContainText(born.note)
  for (const each of [legacy.context, born.context, stranger.context()]) await each.close()
})
