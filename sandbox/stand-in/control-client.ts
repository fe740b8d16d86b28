/** Sends control requests, for tests. The path comes after `/_sandbox/`. */
export function controlClient(url: string) {
  return async (method: string, path: string, body?: unknown) => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const response = await fetch(`${url}/_sandbox/${path}`, { method, body: text })
    return { status: response.status, body: await response.json() }
  }
}
