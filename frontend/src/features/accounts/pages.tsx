import { Page } from '@/components/Page'

export function LoginPage() {
  return <Page title="Login">{null}</Page>
}

export function SignupPage() {
  return <Page title="Signup">{null}</Page>
}

export function VerifyEmailPage() {
  return <Page title="VerifyEmail">{null}</Page>
}

export function ForgotPasswordPage() {
  return <Page title="ForgotPassword">{null}</Page>
}

export function ResetPasswordPage() {
  return <Page title="ResetPassword">{null}</Page>
}

export function JoinPage() {
  return <Page title="Join">{null}</Page>
}

export function AccountPage() {
  return <Page title="Account">{null}</Page>
}

export function NewTenantPage() {
  return <Page title="NewTenant">{null}</Page>
}

export function SsoErrorPage() {
  return <Page title="SsoError">{null}</Page>
}
