import { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  return new URLSearchParams(await text(request))
}

/**
 * The same request with its JSON body as a form. Auth0's token endpoints take both, and oidc-provider
 * takes forms only. A body that is not a JSON object of strings becomes an empty form, which is refused.
 */
export async function withFormBody(request: IncomingMessage): Promise<IncomingMessage> {
  let form = new URLSearchParams()
  try {
    form = new URLSearchParams(JSON.parse(await text(request)))
  } catch {
    // Refused below, by oidc-provider.
  }
  const body = form.toString()
  const copy = new IncomingMessage(request.socket)
  copy.method = request.method
  copy.url = request.url
  copy.httpVersion = request.httpVersion
  copy.headers = {
    ...request.headers,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(Buffer.byteLength(body)),
  }
  delete copy.headers['transfer-encoding']
  // Otherwise Node closes the connection, as after an aborted request.
  copy.complete = true
  copy.push(body)
  copy.push(null)
  return copy
}
