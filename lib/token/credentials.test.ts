import { describe, expect, it } from 'vitest'
import { readCredentials } from './credentials'

const read = (headers: Record<string, string>) => readCredentials(new Headers(headers))

describe('readCredentials', () => {
  it('reads cookies by name', () => {
    const { cookies, duplicates } = read({ cookie: 'a=1; b=x=y; c=%20; empty=; broken; =nameless' })
    expect(Object.fromEntries(cookies)).toEqual({ a: '1', b: 'x=y', c: ' ', empty: '' })
    expect(duplicates.size).toBe(0)
  })

  it('lists every value of duplicate cookies, in the order of the request', () => {
    const { cookies, duplicates } = read({ cookie: 'a=1; b=2; a=3; a=%31' })
    expect([...duplicates]).toEqual([['a', ['1', '3', '1']]])
    expect(cookies.get('a')).toBe('1')
  })

  it.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['Bearer', ''],
    ['Bearer  abc', ' abc'],
    ['Basic abc', null],
    ['Bearerabc', null],
  ])('reads Authorization: %s', (authorization, bearer) => {
    expect(read({ authorization }).bearer).toBe(bearer)
  })
})
