import { Alert, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconWallet } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { asProblem, showProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { exactMoney, phone } from '@/components/format'
import { TopUpLink } from '@/components/TopUpLink'
import { type Available, type Requirements, useRefresh } from '../data'
import { AgentChoice } from '../numbers/AgentChoice'
import { type Purpose, PurposeChoice } from '../numbers/PurposeChoice'
import { AddressChoice } from '../papers/AddressChoice'
import { BundleChoice } from '../papers/BundleChoice'

interface OrderFormProps {
  number: Available
  wanted: Requirements
  onClose: () => void
}

interface Values {
  label: string
  agent: string | null
  purpose: Purpose | null
  address: string | null
  bundle: string | null
}

export function OrderForm({ number, wanted, onClose }: OrderFormProps) {
  const { t } = useTranslation(['lines', 'common'])
  const { path } = useTenant()
  const navigate = useNavigate()
  const refresh = useRefresh()
  const [problem, setProblem] = useState<string | null>(null)
  const [short, setShort] = useState(false)
  const { carrier, e164, type, country, monthly_micros, setup_micros } = number
  const needsAddress = wanted.address !== 'none'
  const form = useForm<Values>({
    initialValues: { label: '', agent: null, purpose: null, address: null, bundle: null },
    validate: {
      address: (address) => (needsAddress && !address ? t('papers.addressFault') : null),
      bundle: (bundle) => (wanted.bundle && !bundle ? t('papers.bundleFault') : null),
    },
  })
  const order = $api.useMutation('post', '/api/v1/numbers/orders', {
    onSuccess: () => {
      refresh()
      done(t('buy.ordered', { number: phone(e164) }))
      onClose()
      void navigate({ to: path('numbers'), search: { tab: 'orders' } as never })
    },
    onError: (error: unknown) => {
      setShort(asProblem(error).status === 402)
      setProblem(showProblem(form, error))
    },
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ label, agent, purpose, address, bundle }) => {
        setProblem(null)
        order.mutate({
          body: {
            carrier,
            e164,
            type,
            country,
            // What was shown is what is agreed to: a dearer number is not bought.
            monthly_micros,
            setup_micros,
            label: label.trim(),
            agent,
            ...(purpose && { purpose }),
            ...(address && { address }),
            ...(bundle && { bundle }),
          },
        })
      })}
    >
      <Stack>
        <Price number={number} />
        {carrier === 'sandbox' && (
          <Text size="sm" c="dimmed">
            {t('buy.sandboxHelp')}
          </Text>
        )}
        {needsAddress && (
          <AddressChoice country={country} need={wanted.address} {...form.getInputProps('address')} />
        )}
        {wanted.bundle && <BundleChoice wanted={wanted} {...form.getInputProps('bundle')} />}
        <AgentChoice label={t('reaches')} maw="100%" {...form.getInputProps('agent')} />
        <PurposeChoice byItself {...form.getInputProps('purpose')} />
        <TextInput
          label={t('label')}
          description={t('labelHelp')}
          maxLength={200}
          {...form.getInputProps('label')}
        />
        <FormProblem text={problem}>{short && <TopUpLink />}</FormProblem>
        <FormButtons
          label={t('buy.order', { price: exactMoney(setup_micros + monthly_micros, number.currency) })}
          busy={order.isPending}
          cancel={{ label: t('common:cancel'), onClick: onClose }}
        />
      </Stack>
    </form>
  )
}

function Price({ number: { monthly_micros, setup_micros, currency } }: { number: Available }) {
  const { t } = useTranslation('lines')
  const month = exactMoney(monthly_micros, currency)
  return (
    <Alert color="gray" icon={<IconWallet size={18} />}>
      <Text size="sm">
        {setup_micros > 0
          ? t('buy.priceSetup', { month, setup: exactMoney(setup_micros, currency) })
          : t('buy.priceMonth', { month })}
      </Text>
    </Alert>
  )
}
