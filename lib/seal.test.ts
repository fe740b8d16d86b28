import { sealData, unsealData } from 'iron-session'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { appEnvironment } from '../sandbox/settings.ts'

const before = 'b'.repeat(32)
const after = 'a'.repeat(32)
const data = { visitorId: 'v1' }

afterEach(() => {
  vi.unstubAllEnvs()
})

/** An instance of this app with its own `COOKIE_SECRET`. */
async function instance(secret: string) {
  vi.resetModules()
  const environment = { ...appEnvironment, DATABASE_URL: 'postgres://localhost/x' }
  for (const [name, value] of Object.entries({ ...environment, COOKIE_SECRET: secret }))
    vi.stubEnv(name, value)
  const { config } = await import('./config')
  config()
  const { seal, unseal } = await import('./seal')
  return { seal: () => seal(data, 60), open: (sealed: string) => unseal(sealed, 60) }
}

/** An instance of a version that knew one secret only, and gave it to iron-session. */
const singleSecret = (password: string) => ({
  seal: () => sealData(data, { password, ttl: 60 }),
  open: async (sealed: string) => ({ data: await unsealData(sealed, { password, ttl: 60 }) }),
})

/** The steps of docs/rotate-secrets.md. */
const steps = [before, `${before},${after}`, `${after}\n${before}`, after]

describe('the rotation of COOKIE_SECRET', () => {
  it.each([
    [steps[0], steps[1]],
    [steps[1], steps[2]],
    [steps[2], steps[3]],
  ])('loses nothing while instances with %j and %j run side by side', async (one, two) => {
    const [first, second] = [await instance(one as string), await instance(two as string)]
    const sealedByFirst = await first.seal()
    // The last step waits until nothing is left that the previous secret sealed.
    for (const sealed of [sealedByFirst, await second.seal()]) {
      expect(await first.open(sealed)).toMatchObject({ data })
      expect(await second.open(sealed)).toMatchObject({ data })
    }
  })

  it('loses nothing beside instances of a version that knows one secret only', async () => {
    const old = singleSecret(before)
    const list = await instance(`${before},${after}`)
    expect(await old.open(await list.seal())).toMatchObject({ data })
    expect(await list.open(await old.seal())).toMatchObject({ data, isNewest: true })
    const newest = singleSecret(after)
    const reversed = await instance(`${after},${before}`)
    expect(await newest.open(await reversed.seal())).toMatchObject({ data })
    expect(await reversed.open(await newest.seal())).toMatchObject({ data, isNewest: true })
  })

  it('tells which seals must be made anew before the old secret goes', async () => {
    const reversed = await instance(`${after},${before}`)
    expect(await reversed.open(await singleSecret(before).seal())).toEqual({
      data,
      isNewest: false,
    })
  })

  it.each(['c'.repeat(32), 'd'.repeat(40)])(
    'refuses a seal of the unknown secret %s',
    async (secret) => {
      const list = await instance(`${after},${before}`)
      expect(await list.open(await singleSecret(secret).seal())).toBeNull()
    },
  )

  it.each(['', 'garbage', 'Fe26.2*1*a*b*c*d*e*f~2', 'Fe26.2*__proto__*a*b*c*d*e*f~2'])(
    'never throws for %j',
    async (sealed) => {
      expect(await (await instance(`${after},${before}`)).open(sealed)).toBeNull()
    },
  )
})
