'use client'

import { useActionState, useLayoutEffect, useState } from 'react'
import { Card } from '@/app/_ui/card'
import { LinkForm } from '@/app/authenticate/link-form'
import { LinkProblem, needsVerifier } from '@/app/authenticate/link-problem'
import { hasCodeVerifier } from '@/app/login/prebuilt-storage'
import { PrebuiltTeam } from '../login/prebuilt-team'
import type { StytchB2bProject } from '../login/stytch-b2b-browser'
import { completeDiscoveryLink, completeTeamLink } from './actions'

type Props = {
  token: string
  /** The team of the link. Null for a link that finds the teams of a person. */
  slug: string | null
  isDiscovery: boolean
  project: StytchB2bProject
  login: string
  signedInAs: string | null
  /** Whether the server waits for a link in this browser. */
  isOwn: boolean
  authenticateUrl: string
}

/**
 * Signs in with an emailed link. If the pre-built UI requested the link in this browser, only that has the PKCE
 * verifier, so it completes the sign-in.
 */
export function TeamLink(props: Props) {
  const { token, slug, isDiscovery, project, login, signedInAs, isOwn, authenticateUrl } = props
  const action = isDiscovery ? completeDiscoveryLink : completeTeamLink
  const [{ problem }, complete, isPending] = useActionState(action, { problem: null })
  const [isPrebuilt, setIsPrebuilt] = useState(false)

  // A layout effect runs before the browser paints, so the error message does not flash.
  useLayoutEffect(() => {
    if (needsVerifier(problem) && hasCodeVerifier(project.publicToken, 'magic_links')) {
      setIsPrebuilt(true)
    }
  }, [problem, project])

  if (isPrebuilt) {
    return (
      <>
        <h1 className="text-2xl">Signing you in</h1>
        <Card>
          <PrebuiltTeam
            project={project}
            slug={isDiscovery ? null : slug}
            emailMethod="link"
            authenticateUrl={authenticateUrl}
          />
        </Card>
      </>
    )
  }
  if (problem && !isPending) return <LinkProblem problem={problem} login={login} />
  return (
    <LinkForm
      token={token}
      action={complete}
      isPending={isPending}
      signedInAs={signedInAs}
      isOwn={isOwn}
      home="/team"
    />
  )
}
