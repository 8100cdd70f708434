/** What there is, and how more comes: by hand, by itself. */
import { Stack } from '@mantine/core'
import { $api } from '@/api/client'
import { Loaded } from '@/components/states'
import { LIVE_MS, useMayPay, usePaymentSettings } from '../data'
import { Back } from './Back'
import { CardSection } from './CardSection'
import { Figures } from './Figures'
import { Payments } from './Payments'
import { RechargeSection } from './RechargeSection'
import { TopUp } from './TopUp'
import { Trouble } from './Trouble'

export function BalanceTab() {
  const wallet = $api.useQuery('get', '/api/v1/billing/wallet', {}, { refetchInterval: LIVE_MS })
  const settings = usePaymentSettings()
  const mayPay = useMayPay()
  const pays = mayPay && settings.data?.configured
  return (
    <Stack gap="lg">
      <Back />
      <Loaded query={wallet} rows={2}>
        {(data) => <Figures wallet={data} />}
      </Loaded>
      <Loaded query={settings} rows={3}>
        {(data) => (
          <>
            <Trouble settings={data} />
            {pays && (
              <>
                <TopUp settings={data} />
                <CardSection settings={data} />
                <RechargeSection settings={data} />
              </>
            )}
            {data.configured && <Payments />}
          </>
        )}
      </Loaded>
    </Stack>
  )
}
