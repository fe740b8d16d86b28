import { z } from 'zod'
import {
  type ControlAnswer,
  type ControlRequest,
  handleControl,
  parseControlBody,
  sharedControlRoutes,
  unknownControlRoute,
} from '../stand-in/control.ts'
import { linkFactor } from './consumer/magic-links.ts'
import { forgeSessionJwt } from './consumer/session-jwt.ts'
import { sessionOptions, startSession } from './consumer/sessions.ts'
import { addUser, findByEmail, primaryEmail } from './consumer/users.ts'
import { asApiError, errorBody } from './errors.ts'
import { jwksModes } from './keys.ts'
import type { Project } from './project.ts'

const fields = z.record(z.string(), z.unknown())

const sessionSchema = z.strictObject({
  email: z.email().transform((email) => email.toLowerCase()),
  minutes: z.int().min(5).max(527_040).optional(),
  claims: fields.optional(),
  header: fields.optional(),
  signWith: z.enum(['own', 'stranger']).optional(),
  userAgent: z.string().optional(),
})

const jwksSchema = z.strictObject({ mode: z.enum(jwksModes) })
const rateLimitsSchema = z.strictObject({ enabled: z.boolean() })

const ownControlRoutes = [
  'POST /_sandbox/session',
  'GET /_sandbox/jwks',
  'PUT /_sandbox/jwks',
  'GET /_sandbox/rate-limits',
  'PUT /_sandbox/rate-limits',
  'GET /_sandbox/users',
]

export const controlRoutes = [...sharedControlRoutes, ...ownControlRoutes]

/** Everything under `/_sandbox/`: the shared routes, this stand-in's, or a 404 that lists them. */
export async function control(project: Project, request: ControlRequest): Promise<ControlAnswer> {
  const shared = await handleControl(project.control, request)
  return (
    shared ?? (await ownControl(project, request)) ?? unknownControlRoute(request, controlRoutes)
  )
}

async function ownControl(
  project: Project,
  request: ControlRequest,
): Promise<ControlAnswer | undefined> {
  switch (`${request.method.toUpperCase()} ${request.path}`) {
    case 'POST /_sandbox/session': {
      const input = parseControlBody(sessionSchema, request.body)
      return input.ok ? mintSession(project, input.value) : input.answer
    }
    case 'GET /_sandbox/jwks':
      return { status: 200, body: { mode: project.keys.mode } }
    case 'PUT /_sandbox/jwks': {
      const input = parseControlBody(jwksSchema, request.body)
      if (!input.ok) return input.answer
      project.keys.setMode(input.value.mode)
      return { status: 200, body: input.value }
    }
    case 'GET /_sandbox/rate-limits':
      return { status: 200, body: { enabled: project.rateLimits.enabled } }
    case 'PUT /_sandbox/rate-limits': {
      const input = parseControlBody(rateLimitsSchema, request.body)
      if (!input.ok) return input.answer
      project.rateLimits.switch(input.value.enabled)
      return { status: 200, body: input.value }
    }
    case 'GET /_sandbox/users':
      return { status: 200, body: listUsers(project) }
    default:
      return undefined
  }
}

/** A session as if the user had just followed a magic link, with a JWT that may be forged. */
async function mintSession(
  project: Project,
  input: z.infer<typeof sessionSchema>,
): Promise<ControlAnswer> {
  try {
    let record = findByEmail(project, input.email)
    if (!record) {
      record = addUser(project, input.email)
      primaryEmail(record).verified = true
    }
    const options = await sessionOptions(project, {
      session_duration_minutes: input.minutes ?? 60,
      attributes: { user_agent: input.userAgent },
    })
    const started = await startSession(project, record, linkFactor(record), options)
    const { session_token, session } = started
    const stored = project.consumer.sessions.get(session?.session_id ?? '')
    const forged = input.claims || input.header || input.signWith === 'stranger'
    const session_jwt =
      forged && stored ? await forgeSessionJwt(project, stored, input) : started.session_jwt
    return { status: 200, body: { session_token, session_jwt } }
  } catch (error) {
    const body = errorBody(asApiError(error))
    return { status: body.status_code, body }
  }
}

function listUsers(project: Project) {
  const sessions = [...project.consumer.sessions.values()]
  return [...project.consumer.users.values()].map(({ user }) => ({
    id: user.user_id,
    email: user.emails[0]?.email ?? null,
    external_id: user.external_id ?? null,
    sessions: sessions.filter(({ session }) => session.user_id === user.user_id).length,
  }))
}
