import { Code } from '@/app/_ui/code'
import { config } from '@/lib/config'

/** Names an operator. The demo users exist in the sandbox only. */
export const Operator = () =>
  config().sandbox ? (
    <>
      <Code>ada@example.com</Code> with <Code>demo-password</Code>
    </>
  ) : (
    <>
      an operator, one of <Code>OPERATOR_EMAILS</Code>
    </>
  )
