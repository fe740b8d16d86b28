'use server'

import { revalidatePath } from 'next/cache'
import {
  changeNotes,
  notDeleted,
  noteTextOf,
  notSaved,
  tooManyNotes,
} from '@/app/_notes/change-notes'
import type { FormState } from '@/app/form-state'
import { countEvent } from '@/lib/rate-limit/count'
import { limits } from '@/lib/rate-limit/limits'
import { requireMember } from '@/lib/team/member'
import { insertTeamNote, maximumTeamNotes, removeTeamNote } from '@/lib/team/notes'
import { postedFrom } from '@/lib/viewer'

/** The member whose session is for this team. Anybody can post any slug, so it opens nothing by itself. */
const memberOfTeam = async (slug: string) => requireMember(slug, await postedFrom(`/team/${slug}`))

export async function addTeamNote(slug: string, _: FormState, data: FormData): Promise<FormState> {
  const { account, organization } = await memberOfTeam(slug)
  const text = noteTextOf(data.get('text'))
  if (typeof text !== 'string') return text
  return changeNotes(account?.id, notSaved, async (id) => {
    await countEvent([limits.noteByAccount, id])
    if (!(await insertTeamNote(organization.id, id, text))) {
      return tooManyNotes('The team has', maximumTeamNotes)
    }
    revalidatePath(`/team/${organization.slug}`)
    return null
  })
}

export async function deleteTeamNote(
  slug: string,
  _: FormState,
  data: FormData,
): Promise<FormState> {
  const { account, organization } = await memberOfTeam(slug)
  return changeNotes(account?.id, notDeleted, async (id) => {
    await removeTeamNote(organization.id, id, String(data.get('id') ?? ''))
    revalidatePath(`/team/${organization.slug}`)
    return null
  })
}
