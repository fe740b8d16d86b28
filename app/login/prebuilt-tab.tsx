import { Notice } from '@/app/_ui/notice'
import { config } from '@/lib/config'
import { loginAddress } from './address'
import { Other, Others } from './other-ways'
import { Prebuilt } from './prebuilt'

export function PrebuiltTab({ mails, returnTo }: { mails: 'link' | 'code'; returnTo: string }) {
  const { stytch, appBaseUrl, sessionDurationMinutes } = config()
  return (
    <>
      <Prebuilt
        project={{
          publicToken: stytch.publicToken,
          apiUrl: stytch.apiUrl,
          sessionMinutes: sessionDurationMinutes,
        }}
        mails={mails}
        authenticateUrl={`${appBaseUrl}/authenticate`}
        returnTo={returnTo}
      />
      <noscript>
        <Notice tone="info">
          Stytch’s pre-built UI needs JavaScript. The Email tab does the same without.
        </Notice>
      </noscript>
      <Others>
        {mails === 'link' ? (
          <Other href={loginAddress(returnTo, { tab: 'prebuilt', by: 'code' })}>
            Use a code instead of a link
          </Other>
        ) : (
          <Other href={loginAddress(returnTo, { tab: 'prebuilt' })}>
            Use a link instead of a code
          </Other>
        )}
      </Others>
    </>
  )
}
