import { expect, it } from 'vitest'
import { isHashOld } from './hash-age'

const at = (time: string) => new Date(`2026-06-01T${time}Z`)
const hash = { subject: 'auth0|1', connection: null, hashType: 'bcrypt', fields: {} } as const

it.each([
  ['a record without a time', { setAt: at('10:00:00'), record: null, old: false }],
  [
    'one change, told a little differently',
    { setAt: at('10:00:00'), record: at('10:00:30'), old: false },
  ],
  [
    'a change between the export and the plan',
    { setAt: at('10:00:00'), record: at('11:00:00'), old: true },
  ],
  ['a change before the plan, of a file without times', { record: at('11:00:00'), old: false }],
  ['a change after the plan, of a file without times', { record: at('13:00:00'), old: true }],
])('%s', (_, { setAt, record, old }: { setAt?: Date; record: Date | null; old: boolean }) => {
  const given = { ...hash, ...(setAt && { setAt }) }
  expect(isHashOld(given, { passwordSetAt: record }, at('12:00:00'))).toBe(old)
})
