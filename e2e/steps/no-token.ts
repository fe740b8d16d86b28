import { expect } from '@playwright/test'

/** A text holds a token if it has any long part of it. A log or a page may truncate a token. */
export const expectNoToken = (text: string, tokens: (string | undefined)[]) => {
  for (const token of tokens) {
    for (const part of (token ?? '').split('.').filter((each) => each.length >= 20)) {
      expect(text.includes(part), part.slice(0, 12)).toBe(false)
    }
  }
}
/** All parts of an answer that a script or a log could read. */
export const readable = ({ text, headers }: { text: string; headers: Headers }) =>
  text + [...headers].filter(([name]) => name !== 'set-cookie').join('\n')
