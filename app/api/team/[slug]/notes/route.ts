import { NextResponse } from 'next/server'
import { z } from 'zod'
import { maximumNoteLength } from '@/app/_notes/change-notes'
import { countEvent } from '@/lib/rate-limit/count'
import { limits } from '@/lib/rate-limit/limits'
import { RateLimited, tooManyAttempts } from '@/lib/rate-limit/rate-limited'
import { readText } from '@/lib/request/request-body'
import { isSameOrigin } from '@/lib/request/same-origin'
import { linkBaseUrl } from '@/lib/team/hosts'
import { insertTeamNote, listTeamNotes, maximumTeamNotes } from '@/lib/team/notes'
import { readCredentials } from '@/lib/token/credentials'
import { answerMember, problem } from '../answer'

type Context = { params: Promise<{ slug: string }> }

/** The notes of the team, newest first. */
export const GET = (_: Request, { params }: Context) =>
  answerMember(params, async ({ organization }) => {
    const notes = await listTeamNotes(organization.id)
    return NextResponse.json({
      notes: notes.map((note) => ({ ...note, createdAt: note.createdAt.toISOString() })),
    })
  })

const noteSchema = z.object({ text: z.string().trim().min(1).max(maximumNoteLength) })

/** The most that a body may have: a note of four-byte characters, each escaped. */
const maximumBytes = 16_384

/** Adds a note to the team. */
export async function POST(request: Request, { params }: Context): Promise<NextResponse> {
  const { bearer } = readCredentials(request.headers)
  const { origin } = new URL(linkBaseUrl(request.headers.get('host')))
  if (bearer === null && !isSameOrigin(request.headers, origin)) {
    return problem(
      403,
      'cross_origin',
      'Requests with a cookie must come from a page of this app. Other clients send a Bearer token.',
    )
  }
  return answerMember(params, async ({ organization, account }) => {
    const given = noteSchema.safeParse(await jsonOf(request)).data
    if (!given) {
      return problem(
        400,
        'note_invalid',
        `Send {"text"} with 1 to ${maximumNoteLength} characters.`,
      )
    }
    try {
      await countEvent([limits.noteByAccount, account.id])
    } catch (error) {
      if (!(error instanceof RateLimited)) throw error
      const retry = { 'retry-after': String(error.retryAfterSeconds) }
      return problem(429, error.code, tooManyAttempts(error), retry)
    }
    const written = await insertTeamNote(organization.id, account.id, given.text)
    if (!written) {
      return problem(409, 'too_many_notes', `A team has at most ${maximumTeamNotes} notes.`)
    }
    const { id, createdAt } = written
    const note = { id, text: given.text, createdAt: createdAt.toISOString() }
    return NextResponse.json({ note }, { status: 201 })
  })
}

/** The JSON of a body. Undefined for a larger or a malformed one. */
async function jsonOf(request: Request): Promise<unknown> {
  const text = await readText(request, maximumBytes)
  try {
    return text === null ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
