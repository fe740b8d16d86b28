import { Card } from '@/app/_ui/card'
import { AlternativeLink, AlternativeLinks } from '@/app/login/alternative-links'
import { EmailForm } from '@/app/login/forms'
import { requestMail } from './actions'
import { loginUrl } from './login-url'

/**
 * Creates an account at Stytch while the login of this device is the legacy one. It offers only a mailed code or link,
 * which prove the address: a user with a legacy account thereby gets into that account, and not into an empty one.
 */
export const SignUpFlow = ({ returnTo }: { returnTo: string }) => (
  <>
    <h1 className="text-2xl">Create an account</h1>
    <Card>
      <EmailForm requestMail={requestMail} returnTo={returnTo} />
      <AlternativeLinks>
        <AlternativeLink href={loginUrl(returnTo)}>Sign in to an existing account</AlternativeLink>
      </AlternativeLinks>
    </Card>
  </>
)
