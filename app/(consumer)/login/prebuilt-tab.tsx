import { Notice } from '@/app/_ui/notice'
import { AlternativeLink, AlternativeLinks } from '@/app/login/alternative-links'
import { config } from '@/lib/config'
import { loginUrl } from './login-url'
import { Prebuilt } from './prebuilt'

export function PrebuiltTab({
  emailMethod,
  returnTo,
}: {
  emailMethod: 'link' | 'code'
  returnTo: string
}) {
  const { stytch, appBaseUrl, sessionDurationMinutes } = config()
  return (
    <>
      <Prebuilt
        project={{
          publicToken: stytch.publicToken,
          apiUrl: stytch.apiUrl,
          sessionMinutes: sessionDurationMinutes,
        }}
        emailMethod={emailMethod}
        authenticateUrl={`${appBaseUrl}/authenticate`}
        returnTo={returnTo}
      />
      <noscript>
        <Notice tone="info">
          Stytch’s pre-built UI needs JavaScript. The Email tab works without it.
        </Notice>
      </noscript>
      <AlternativeLinks>
        {emailMethod === 'link' ? (
          <AlternativeLink href={loginUrl(returnTo, { tab: 'prebuilt', by: 'code' })}>
            Use a code instead of a link
          </AlternativeLink>
        ) : (
          <AlternativeLink href={loginUrl(returnTo, { tab: 'prebuilt' })}>
            Use a link instead of a code
          </AlternativeLink>
        )}
      </AlternativeLinks>
    </>
  )
}
