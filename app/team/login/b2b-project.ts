import 'server-only'
import { config } from '@/lib/config'
import { teamProjectKeys } from '@/lib/team/stytch/client'
import { teamProject } from '@/lib/team/stytch/project'
import type { StytchB2bProject } from './stytch-b2b-browser'

/** What a browser needs for the pre-built UI of the B2B project. Nothing of it is secret. */
export function b2bProject(): StytchB2bProject {
  const { stytch, sessionDurationMinutes } = config()
  return {
    publicToken: teamProjectKeys().publicToken,
    apiUrl: stytch.apiUrl,
    sessionMinutes: sessionDurationMinutes,
    cookies: teamProject.cookies,
  }
}
