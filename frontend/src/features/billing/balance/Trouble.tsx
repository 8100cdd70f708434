/** What stands in the way of paying, in words. */
import { Alert } from '@mantine/core'
import { IconAlertTriangle, IconFlask, IconInfoCircle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { money } from '@/components/format'
import type { PaymentSettings } from '../data'

export function Trouble({ settings }: { settings: PaymentSettings }) {
  const { t } = useTranslation('billing')
  const { configured, test_mode, debt_micros, problem, currency } = settings
  if (!configured)
    return (
      <Alert icon={<IconInfoCircle size={18} />} title={t('pay.noneTitle')}>
        {t('pay.noneText')}
      </Alert>
    )
  return (
    <>
      {test_mode && (
        <Alert color="gray" icon={<IconFlask size={18} />}>
          {t('pay.testMode')}
        </Alert>
      )}
      {debt_micros > 0 && (
        <Alert color="red" icon={<IconAlertTriangle size={18} />} title={t('pay.debtTitle')}>
          {t('pay.debtText', { amount: money(debt_micros, currency) })}
        </Alert>
      )}
      {/* Of a debt it says the same. */}
      {problem && debt_micros === 0 && (
        <Alert color="amber" icon={<IconAlertTriangle size={18} />}>
          {problem}
        </Alert>
      )}
    </>
  )
}
