import { useTranslation } from 'react-i18next'
import { useMe } from '@/api/session'
import { Page } from '@/components/Page'
import { Frame } from '../Frame'
import { AuthenticatorApp } from './AuthenticatorApp'
import { EmailSection, NameSection } from './person'
import { Passkeys } from './Passkeys'
import { PasswordSection } from './PasswordSection'
import { Providers } from './Providers'
import { Reauthentication } from './Reauthentication'
import { RecoveryCodes } from './RecoveryCodes'
import { Sessions } from './Sessions'

export function AccountPage() {
  const { t } = useTranslation('accounts')
  const { data: me } = useMe()
  return (
    <Frame>
      <Reauthentication>
        <Page title={t('accountTitle')} lead={t('accountLead')}>
          {me && <NameSection name={me.user.full_name} />}
          <EmailSection />
          <PasswordSection />
          <AuthenticatorApp />
          <Passkeys />
          <RecoveryCodes />
          <Sessions />
          <Providers />
        </Page>
      </Reauthentication>
    </Frame>
  )
}
