import { mkdtemp, readdir, readFile, stat } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { appEnvironment } from '../../../../sandbox/settings.ts'
import { exportUsers } from './export-users'

/** The answers of the tenant in turn, and what it was asked. */
type Answer = { status?: number; body: unknown } | 'hang up'
let jobAnswers: Answer[]
let fileAnswer: { status: number; body: Buffer }
let asked: { path: string; body: string }[]

const tenant: RequestListener = async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const path = `${request.method} ${request.url}`
  asked.push({ path, body: Buffer.concat(chunks).toString() })
  const answer = (status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  if (path === 'POST /oauth/token') {
    return answer(200, { access_token: 'machine-token', token_type: 'Bearer', expires_in: 3_600 })
  }
  if (path.startsWith('GET /file')) {
    return void response.writeHead(fileAnswer.status).end(fileAnswer.body)
  }
  const next = jobAnswers.shift()
  if (!next || next === 'hang up') return void request.socket.destroy()
  answer(next.status ?? 200, next.body)
}

const server = createServer(tenant)
let url: string
let folder: string
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, 'localhost', done))
  url = `http://localhost:${(server.address() as AddressInfo).port}`
  Object.assign(process.env, appEnvironment, { AUTH0_MANAGEMENT_DOMAIN: url })
})
afterAll(() => server.close())

const job = (more: object) => ({ body: { id: 'job_1', type: 'users_export', ...more } })
const pending = job({ status: 'pending' })
const completed = () => job({ status: 'completed', location: `${url}/file?token=signed-secret` })
const packed = gzipSync('{"user_id":"auth0|ada"}\n')

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'cutover-export-')), 'backfill')
  asked = []
  fileAnswer = { status: 200, body: packed }
})

const run = (more: { connectionId?: string; signal?: AbortSignal } = {}) =>
  exportUsers({
    connectionId: null,
    folder,
    signal: new AbortController().signal,
    pollInterval: 1,
    ...more,
  })

describe('the export', () => {
  it('waits for the job, and downloads its file for this user of the machine only', async () => {
    jobAnswers = [pending, job({ status: 'processing', percentage_done: 50 }), completed()]
    const path = await run()
    expect(await readFile(path)).toEqual(packed)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect(asked.map((each) => each.path).filter((each) => each.includes('/api/v2'))).toEqual([
      'POST /api/v2/jobs/users-exports',
      'GET /api/v2/jobs/job_1',
      'GET /api/v2/jobs/job_1',
    ])
  })

  it('asks for the fields that the plan reads, and not for more than Auth0 allows', async () => {
    jobAnswers = [completed()]
    await run({ connectionId: 'con_1' })
    const sent = JSON.parse(asked.find(({ path }) => path.includes('users-exports'))?.body ?? '')
    expect(sent).toMatchObject({ format: 'json', connection_id: 'con_1' })
    const names = sent.fields.map(({ name }: { name: string }) => name)
    expect(names).toEqual(
      expect.arrayContaining(['user_id', 'identities', 'blocked', 'multifactor']),
    )
    expect(names.length).toBeLessThanOrEqual(30)
  })

  it.each<[string, Answer]>([
    ['a rate limit', { status: 429, body: { errorCode: 'too_many_requests' } }],
    ['an error of the tenant', { status: 503, body: {} }],
    ['a broken connection', 'hang up'],
  ])('goes on after %s while it waits', async (_, answer) => {
    jobAnswers = [pending, answer, completed()]
    expect(await readFile(await run())).toEqual(packed)
  })

  it.each<[string, string, Answer[]]>([
    ['export_failed', 'the job fails', [pending, job({ status: 'failed' })]],
    [
      'export_expired',
      'Auth0 has deleted the job',
      [pending, { status: 404, body: { errorCode: 'inexistent_job' } }],
    ],
    [
      'legacy_refused',
      'the connection does not exist',
      [{ status: 400, body: { errorCode: 'invalid_body' } }],
    ],
    [
      'unavailable',
      'the client has no grant',
      [{ status: 403, body: { errorCode: 'insufficient_scope' } }],
    ],
  ])('ends with %s if %s', async (code, _, answers) => {
    jobAnswers = answers
    await expect(run()).rejects.toMatchObject({ code })
  })

  it('leaves no part of a file, and repeats no signed address, if the download fails', async () => {
    jobAnswers = [completed()]
    fileAnswer = { status: 403, body: Buffer.from('expired') }
    const error = await run().catch((thrown: Error & { code: string }) => thrown)
    expect(error).toMatchObject({ code: 'download_failed' })
    expect(String((error as Error).stack)).not.toContain('signed-secret')
    expect(await readdir(folder)).toEqual([])
  })

  it('refuses an address without https, where others could read the users on their way', async () => {
    jobAnswers = [job({ status: 'completed', location: 'http://files.example/users.gz' })]
    await expect(run()).rejects.toMatchObject({ code: 'download_failed' })
  })

  it('stops when the operator stops it', async () => {
    jobAnswers = [pending]
    const stop = new AbortController()
    const stopped = exportUsers({
      connectionId: null,
      folder,
      signal: stop.signal,
      pollInterval: 60_000,
      onProgress: () => stop.abort(),
    })
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' })
  })
})
