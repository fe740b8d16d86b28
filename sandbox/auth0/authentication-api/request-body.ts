import { IncomingMessage } from 'node:http'

const LIMIT = 64 * 1024

/** The body as text; throws when it is larger than anything that is sent here. */
export async function readText(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of req) {
    size += chunk.length
    if (size > LIMIT) throw new Error('The body is too large.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

export const readForm = async (req: IncomingMessage) => new URLSearchParams(await readText(req))

/**
 * Auth0's OAuth endpoints take JSON as well as forms, oidc-provider takes forms
 * only: the same request again, as a form. A body that is not a JSON object of
 * strings is left to be refused.
 */
export async function jsonBodyAsForm(req: IncomingMessage): Promise<IncomingMessage> {
  const text = await readText(req)
  let form: URLSearchParams
  try {
    form = new URLSearchParams(JSON.parse(text))
  } catch {
    form = new URLSearchParams()
  }
  const copy = new IncomingMessage(req.socket)
  const body = form.toString()
  copy.httpVersion = req.httpVersion
  copy.method = req.method
  copy.url = req.url
  copy.headers = {
    ...req.headers,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(Buffer.byteLength(body)),
  }
  delete copy.headers['transfer-encoding']
  // Else node takes it for an aborted request and closes the connection.
  copy.complete = true
  copy.push(body)
  copy.push(null)
  return copy
}
