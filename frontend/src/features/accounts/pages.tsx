/** The pages of this feature, as the routes load them. */
export { AccountPage } from './account/AccountPage'
export { JoinPage } from './JoinPage'
export { LoginPage } from './LoginPage'
export { NewTenantPage } from './NewTenantPage'
export { ForgotPasswordPage, ResetPasswordPage } from './passwordPages'
export { SignupPage } from './SignupPage'
export { SsoErrorPage } from './SsoErrorPage'
export { VerifyEmailPage } from './VerifyEmailPage'
