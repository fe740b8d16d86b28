/**
 * The headers of a request. In a server action, the cookies that the action has set replace those of the request.
 * The cookie jar has each name once, so a request with duplicate cookies keeps its own header, and is refused.
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
