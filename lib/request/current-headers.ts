/**
 * The headers of a request as they are by now: in a server action, with the cookies that it has set.
 * The cookie jar knows each name once. Where the request had one twice, its own header must be judged.
 */
export function currentHeaders(
  received: Headers,
  jar: { getAll(): { name: string; value: string }[] },
): Headers {
  const current = new Headers(received)
  const names = (received.get('cookie') ?? '')
    .split(';')
    .map((pair) => pair.split('=', 1)[0]?.trim())
  if (new Set(names).size < names.length) return current
  const pairs = jar.getAll().map(({ name, value }) => `${name}=${encodeURIComponent(value)}`)
  current.set('cookie', pairs.join('; '))
  return current
}
