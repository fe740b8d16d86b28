import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../sandbox/processes.ts'
import { urls } from '../../sandbox/settings.ts'
import { type Asked, ask } from './request.ts'

/**
 * The id of a server action, as a request names it.
 * @param action its name, or `file#name` for an action of the teams, which has the name of a consumer's
 */
export function actionId(action: string): string {
  const [name, file = ''] = action.split('#').reverse()
  const manifest = join(root, '.next/server/server-reference-manifest.json')
  const { node } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    node: Record<string, { exportedName: string; filename: string }>
  }
  const isAction = ({ exportedName, filename }: { exportedName: string; filename: string }) =>
    exportedName === name && (file ? filename === file : !filename.startsWith('app/team/'))
  const id = Object.keys(node).find((each) => node[each] && isAction(node[each]))
  if (!id) throw new Error(`The build has no server action ${action}.`)
  return id
}

/** Posts to a server action as its page would. `result` is the returned value. */
export async function act(action: string, path: string, { headers, ...asked }: Asked = {}) {
  const answer = await ask(path, {
    method: 'POST',
    body: '[]',
    ...asked,
    headers: {
      'next-action': actionId(action),
      accept: 'text/x-component',
      'content-type': 'text/plain;charset=UTF-8',
      origin: asked.base ?? urls.app,
      ...headers,
    },
  })
  const row = /^1:(\{.*\})$/m.exec(answer.text)?.[1]
  return { ...answer, result: row ? JSON.parse(row) : undefined }
}

/** Posts to a server action as its form would, with the previous state and the fields in the encoding of React. */
export async function submit(
  action: string,
  path: string,
  fields: Record<string, string>,
  asked: Asked = {},
) {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(`_1_${name}`, value)
  form.set('0', '[{"problem":null},"$K1"]')
  const { body, type } = await encoded(form)
  return act(action, path, { ...asked, body, headers: { 'content-type': type, ...asked.headers } })
}

/** A form as the body of a request, with the content type that names its boundary. */
export async function encoded(form: FormData): Promise<{ body: string; type: string }> {
  const request = new Request('http://localhost', { method: 'POST', body: form })
  return { body: await request.text(), type: request.headers.get('content-type') as string }
}

/** The hidden fields of a form. Without script, a browser sends them with the others. */
export function hiddenFields(form: string): Record<string, string> {
  const inputs = form.matchAll(/<input[^>]*type="hidden"[^>]*>/g)
  return Object.fromEntries(
    [...inputs].map(([input]) => {
      const attribute = (name: string) =>
        new RegExp(`\\b${name}="([^"]*)"`).exec(input)?.[1]?.replaceAll('&quot;', '"') ?? ''
      return [attribute('name'), attribute('value')]
    }),
  )
}
