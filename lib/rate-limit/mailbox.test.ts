import { beforeEach, describe, expect, it } from 'vitest'
import { appEnvironment } from '../../sandbox/settings.ts'
import { openTestDatabase } from '../db/testing'
import { countEvent } from './count'
import { forgetLimiters } from './limiter'
import { limits } from './limits'
import { mailboxOf } from './mailbox'

it.each([
  ['victim@example.com', 'victim@example.com'],
  ['victim+1@example.com', 'victim@example.com'],
  ['victim+a+b@example.com', 'victim@example.com'],
  ['v.i.ctim@example.com', 'v.i.ctim@example.com'],
  ['v.i.ctim+1@gmail.com', 'victim@gmail.com'],
  ['vic.tim@googlemail.com', 'victim@gmail.com'],
  ['victim@mail.gmail.com', 'victim@mail.gmail.com'],
  ['+1@example.com', '+1@example.com'],
])('%s fills the mailbox %s', (address, mailbox) => {
  expect(mailboxOf(address)).toBe(mailbox)
})

describe('a flood of mails', () => {
  beforeEach(async () => {
    Object.assign(process.env, appEnvironment)
    forgetLimiters()
    await openTestDatabase()
  })

  it.each(['example.com', 'gmail.com'])(
    'to tagged addresses of one mailbox at %s is stopped',
    async (domain) => {
      const send = (tag: string) =>
        countEvent([limits.mailByAddress, mailboxOf(`flooded${tag}@${domain}`)])
      for (let n = 0; n < limits.mailByAddress.points; n++) await send(`+${n}`)
      for (const tag of ['', '+new'])
        await expect(send(tag)).rejects.toMatchObject({ code: 'too_many_attempts' })
    },
  )
})
