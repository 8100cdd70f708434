/** Every number that nobody of the workspace calls, and those that single campaigns do not. */
import { useTranslation } from 'react-i18next'
import { Page } from '@/components/Page'
import { NumberList } from './NumberList'

export function DoNotCallPage() {
  const { t } = useTranslation('campaigns')
  return (
    <Page title={t('dnc.title')} lead={t('dnc.lead')}>
      <NumberList />
    </Page>
  )
}
