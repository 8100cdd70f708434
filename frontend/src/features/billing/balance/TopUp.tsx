/** Money by hand: an amount, then the payment provider's page. */
import { Button, Checkbox, Group, Stack } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconExternalLink } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { AmountInput } from '@/components/AmountInput'
import { FormProblem } from '@/components/forms'
import { exactMoney } from '@/components/format'
import { Section } from '@/components/Section'
import { goTo, type PaymentSettings } from '../data'
import { amountFault, offered } from './amounts'

interface TopUpForm {
  amount_micros: number | null
  save_card: boolean
}

export function TopUp({ settings }: { settings: PaymentSettings }) {
  const { t } = useTranslation('billing')
  const { least_micros, most_micros, currency } = settings
  const [problem, setProblem] = useState<string | null>(null)
  const range = { least: exactMoney(least_micros, currency), most: exactMoney(most_micros, currency) }
  const form = useForm<TopUpForm>({
    initialValues: { amount_micros: offered(settings)[1] ?? least_micros, save_card: true },
    validate: {
      amount_micros: (micros) => (amountFault(micros, settings) ? t('topUp.fault', range) : null),
    },
  })
  const pay = $api.useMutation('post', '/api/v1/billing/top-ups', {
    onSuccess: ({ url }) => goTo(url),
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  return (
    <Section title={t('topUp.title')} text={t('topUp.text')}>
      <form
        noValidate
        onSubmit={form.onSubmit(({ amount_micros, save_card }) => {
          setProblem(null)
          pay.mutate({ body: { amount_micros: amount_micros!, save_card } })
        })}
      >
        <Stack gap="sm">
          <Group gap="xs" role="group" aria-label={t('topUp.offers')}>
            {offered(settings).map((micros) => (
              <Button
                key={micros}
                size="compact-md"
                variant={micros === form.values.amount_micros ? 'filled' : 'default'}
                aria-pressed={micros === form.values.amount_micros}
                onClick={() => form.setFieldValue('amount_micros', micros)}
              >
                {exactMoney(micros, currency).replace(/\.00$/, '')}
              </Button>
            ))}
          </Group>
          <AmountInput
            label={t('topUp.amount')}
            description={t('topUp.range', range)}
            currency={currency}
            maw={240}
            {...form.getInputProps('amount_micros')}
          />
          <Checkbox label={t('topUp.saveCard')} {...form.getInputProps('save_card', { type: 'checkbox' })} />
          <FormProblem text={problem} />
          <Group>
            <Button
              type="submit"
              loading={pay.isPending || pay.isSuccess}
              rightSection={<IconExternalLink size={16} aria-hidden />}
            >
              {t('topUp.pay')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  )
}
