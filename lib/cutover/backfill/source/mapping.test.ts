import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checked, loadMapping } from './mapping'
import type { SourceUser } from './source-user'

const ada: SourceUser = {
  subject: 'auth0|ada',
  connection: null,
  email: 'ada@example.com',
  emailVerified: true,
  name: 'Ada Lovelace',
  phone: '+15551234567',
  phoneVerified: true,
  isBlocked: false,
  hasMfa: false,
  isSocialOnly: false,
}

async function moduleOf(text: string, name = 'map.mjs'): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'cutover-map-')), name)
  await writeFile(path, text)
  return path
}

describe('the standard mapping', () => {
  it.each([
    [
      { given_name: 'Ada', family_name: 'Lovelace' },
      { first_name: 'Ada', last_name: 'Lovelace' },
    ],
    [{ given_name: 'Ada' }, { first_name: 'Ada' }],
    [{ given_name: 7 }, { first_name: 'Ada Lovelace' }],
    [{}, { first_name: 'Ada Lovelace' }],
  ])('takes the name of %j and nothing else', async (record, name) => {
    expect((await loadMapping(null))(ada, record)).toEqual({ name })
  })
})

describe("the operator's mapping", () => {
  it.each(['map.mjs', 'map.ts'])('is loaded from %s', async (name) => {
    const path = await moduleOf(
      'export default (user, record) => ({ phone: user.phone, roles: record.app_metadata.roles })',
      name,
    )
    const map = await loadMapping(path)
    expect(map(ada, { app_metadata: { roles: ['editor'] } })).toEqual({
      phone: '+15551234567',
      roles: ['editor'],
    })
  })

  it.each<[string, unknown, string]>([
    ['a phone that is not in E.164', { phone: '555 1234' }, 'phone'],
    ['an unknown field', { admin: true }, 'unrecognized_keys'],
    ['metadata that is no JSON', { trustedMetadata: { at: new Date(0) } }, 'trustedMetadata'],
    ['roles that are no list', { roles: 'editor' }, 'roles'],
    ['nothing', undefined, 'invalid_type'],
    ['a promise, since nobody waits for it', Promise.resolve({}), 'promise'],
  ])('is invalid for a user for whom it returns %s', (_, answer, invalid) => {
    expect(checked(() => answer)(ada, {})).toEqual({ invalid })
  })

  it('is invalid for a user for whom it throws, and the message is not repeated', () => {
    const map = checked(({ email }) => {
      throw new TypeError(`no plan for ${email}`)
    })
    expect(map(ada, {})).toEqual({ invalid: 'threw_TypeError' })
  })

  it.each([
    ['that does not exist', async () => '/nowhere/map.mjs'],
    ['with a syntax error', () => moduleOf('export default (')],
    ['without a function', () => moduleOf('export default {}')],
  ])('is refused as a module %s', async (_, path) => {
    await expect(loadMapping(await path())).rejects.toMatchObject({ code: 'mapping_refused' })
  })
})
