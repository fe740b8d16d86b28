import { z } from 'zod'
import { type ControlRoutes, controlError, ok, withBody } from '../stand-in/control-routes.ts'
import { emailPattern } from '../stand-in/email-address.ts'
import { forgeryFields } from '../stand-in/jwt.ts'
import { b2bControlRoutes } from './b2b/control-routes.ts'
import { magicLinkFactor } from './consumer/factors.ts'
import { signSessionJwt } from './consumer/session-jwt.ts'
import { sessionOptions, startSession } from './consumer/sessions.ts'
import { addUser, findByEmail, primaryEmail } from './consumer/users.ts'
import { changeSettings, settingsSchema, shortSettings } from './dashboard.ts'
import { newId } from './ids.ts'
import { jwksModes } from './keys.ts'
import type { Project } from './project.ts'

const sessionSchema = z.strictObject({
  email: z
    .string()
    .regex(emailPattern)
    .transform((email) => email.toLowerCase()),
  minutes: z.int().min(5).max(527_040).default(60),
  userAgent: z.string().optional(),
  ...forgeryFields,
})
const totpSchema = z.strictObject({ email: z.string().toLowerCase(), verified: z.boolean() })
const jwksSchema = z.strictObject({ mode: z.enum(jwksModes) })
const rateLimitsSchema = z.strictObject({ enabled: z.boolean() })

/** The control routes of this stand-in alone. */
export function stytchControlRoutes(project: Project): ControlRoutes {
  const { keys, rateLimits } = project
  return {
    'POST /_sandbox/session': withBody(sessionSchema, async (input) =>
      ok(await openSession(project, input)),
    ),
    'PUT /_sandbox/totp': withBody(totpSchema, ({ email, verified }) => {
      const record = findByEmail(project, email)
      if (!record) return controlError(404, 'user_not_found', `No user has the address ${email}.`)
      record.user.totps = [{ totp_id: newId('totp'), verified }]
      return ok({ totps: record.user.totps })
    }),
    'GET /_sandbox/jwks': () => ok({ mode: keys.mode }),
    'PUT /_sandbox/jwks': withBody(jwksSchema, ({ mode }) => {
      keys.mode = mode
      project.b2b.keys.mode = mode
      return ok({ mode })
    }),
    'GET /_sandbox/rate-limits': () => ok({ enabled: rateLimits.enabled }),
    'PUT /_sandbox/rate-limits': withBody(rateLimitsSchema, ({ enabled }) => {
      rateLimits.switch(enabled)
      return ok({ enabled })
    }),
    'GET /_sandbox/project': () => ok(shortSettings(project)),
    'PUT /_sandbox/project': withBody(settingsSchema, (input) => {
      changeSettings(project, input)
      if (input.userinfoUrl !== undefined) project.b2b.userinfoUrl = input.userinfoUrl
      return ok(shortSettings(project))
    }),
    'GET /_sandbox/users': () => ok(listUsers(project)),
    ...b2bControlRoutes(project),
  }
}

/** Opens a session as if the user had just followed a magic link. The JWT may be forged. */
async function openSession(project: Project, input: z.infer<typeof sessionSchema>) {
  let record = findByEmail(project, input.email)
  if (!record) {
    record = addUser(project, input.email)
    primaryEmail(record).verified = true
  }
  const options = await sessionOptions(project, {
    session_duration_minutes: input.minutes,
    attributes: { user_agent: input.userAgent },
  })
  const { session, session_token } = await startSession(
    project,
    record,
    magicLinkFactor(record),
    options,
  )
  if (!session) throw new Error('A session with a duration was not started.')
  return { session_token, session_jwt: await signSessionJwt(project, session, input) }
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
