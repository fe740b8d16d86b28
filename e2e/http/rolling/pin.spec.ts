import { newFlag, openFlag, pinned } from '../../steps/flag-cookie.ts'
import { flowOf, shown } from '../../steps/flow.ts'
import { ask } from '../../steps/request.ts'
import { roll } from '../../steps/rolling-policy.ts'
import { putPolicy } from '../../world/policy.ts'
import { expect, test } from '../../world/test.ts'

test('a pin keeps one device on a flow whatever the percentage, also after a policy that overruled it', async () => {
  for (const [pin, percent] of [
    ['stytch', 0],
    ['legacy', 100],
  ] as const) {
    let auth_flow = await pinned(pin)
    await roll({ percent })
    expect(await flowOf({ cookies: { auth_flow } })).toEqual({ name: pin, reason: 'pin' })
    expect(shown(await ask('/login', { cookies: { auth_flow } }))).toBe(pin)

    await putPolicy(pin === 'stytch' ? 'before-the-migration' : 'zero-downtime')
    const overruled = await ask('/login', { cookies: { auth_flow } })
    expect(shown(overruled)).toBe(pin === 'stytch' ? 'legacy' : 'stytch')
    auth_flow = newFlag(overruled) as string
    expect(await openFlag(auth_flow)).toMatchObject({ pin })
    await roll({ percent })
    expect(shown(await ask('/login', { cookies: { auth_flow } }))).toBe(pin)
  }
})
