import { test as base, expect } from '../../world/test.ts'

export { expect } from '../../world/test.ts'

/** The common test, which also fails when a page sends a request to another machine. */
export const test = base.extend<{ localRequestsOnly: undefined }>({
  localRequestsOnly: [
    async ({ context }, use) => {
      const elsewhere: string[] = []
      context.on('request', (request) => {
        const { protocol, hostname } = new URL(request.url())
        if (/^(?:https?|wss?):$/.test(protocol) && hostname !== 'localhost')
          elsewhere.push(request.url())
      })
      await use(undefined)
      expect(elsewhere, 'requests that left this machine').toEqual([])
    },
    { auto: true },
  ],
})
