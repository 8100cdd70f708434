import { Alert, Fieldset, FileInput, SimpleGrid, Stack, Switch, TextInput } from '@mantine/core'
import { DateInput } from '@mantine/dates'
import { isEmail, isNotEmpty, useForm } from '@mantine/form'
import { IconCheck } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { exactMoney, phone } from '@/components/format'
import { useRefresh } from '../data'
import { AgentChoice } from '../numbers/AgentChoice'
import { bare } from '../numbers/e164'
import { AddressChoice } from '../papers/AddressChoice'
import { BILL_TYPES, billFault, type BillType, inBase64 } from './bill'
import type { Portable } from './NewPort'

interface Draft {
  customer_name: string
  business: boolean
  address: string | null
  signer: string
  signer_email: string
  account_number: string
  account_telephone_number: string
  pin: string
  wanted_on: string | null
  bill: File | null
  label: string
  agent: string | null
}

const EMPTY: Draft = {
  customer_name: '',
  business: true,
  address: null,
  signer: '',
  signer_email: '',
  account_number: '',
  account_telephone_number: '',
  pin: '',
  wanted_on: null,
  bill: null,
  label: '',
  agent: null,
}

export function PortForm({ portable, onClose }: { portable: Portable; onClose: () => void }) {
  const { t } = useTranslation(['lines', 'common'])
  const refresh = useRefresh()
  const [problem, setProblem] = useState<string | null>(null)
  const { carrier, e164, type, country, pin, monthly_micros, currency } = portable
  const needed = isNotEmpty(t('papers.needed'))
  const form = useForm<Draft>({
    initialValues: EMPTY,
    validate: {
      customer_name: needed,
      address: (address) => (address ? null : t('papers.needed')),
      signer: needed,
      signer_email: isEmail(t('papers.emailFault')),
      account_number: (typed) => (pin && !typed.trim() ? t('ports.pinNeeded') : null),
      pin: (typed) => (pin && !typed.trim() ? t('ports.pinNeeded') : null),
      bill: (file) => {
        const fault = billFault(file)
        return fault && t(fault === 'size' ? 'ports.billFault' : 'ports.billType')
      },
    },
  })
  const ask = $api.useMutation('post', '/api/v1/numbers/ports', {
    onSuccess: () => {
      refresh()
      done(t('ports.made', { number: phone(e164) }))
      onClose()
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  const send = async ({ bill, address, account_telephone_number, ...rest }: Draft) => {
    setProblem(null)
    ask.mutate({
      body: {
        ...rest,
        carrier,
        e164,
        type,
        monthly_micros,
        address: address!,
        account_telephone_number: bare(account_telephone_number),
        ...(bill && { bill: await inBase64(bill) }),
        bill_type: bill ? (bill.type as BillType) : 'application/pdf',
      },
    })
  }
  return (
    <form noValidate onSubmit={form.onSubmit((draft) => void send(draft))}>
      <Stack>
        <Alert color="petrol" icon={<IconCheck size={18} />} role="status">
          {t('ports.can', { number: phone(e164), price: exactMoney(monthly_micros, currency) })}
        </Alert>
        <TextInput label={t('ports.customerName')} {...form.getInputProps('customer_name')} />
        <Switch label={t('ports.business')} {...form.getInputProps('business', { type: 'checkbox' })} />
        <AddressChoice
          country={country}
          need="local"
          label={t('ports.address')}
          {...form.getInputProps('address')}
        />
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <TextInput label={t('ports.signer')} {...form.getInputProps('signer')} />
          <TextInput label={t('ports.signerEmail')} type="email" {...form.getInputProps('signer_email')} />
          <TextInput label={t('ports.account')} {...form.getInputProps('account_number')} />
          <TextInput
            label={t('ports.accountPhone')}
            type="tel"
            {...form.getInputProps('account_telephone_number')}
          />
          <TextInput
            label={t('ports.pin')}
            description={t('ports.pinHelp')}
            autoComplete="off"
            {...form.getInputProps('pin')}
          />
          <DateInput
            label={t('ports.wantedOn')}
            valueFormat="D MMM YYYY"
            clearable
            clearButtonProps={{ 'aria-label': t('buy.clear') }}
            {...form.getInputProps('wanted_on')}
          />
        </SimpleGrid>
        <FileInput
          label={t('ports.bill')}
          description={t('ports.billHelp')}
          accept={BILL_TYPES.join(',')}
          clearable
          clearButtonProps={{ 'aria-label': t('buy.clear') }}
          {...form.getInputProps('bill')}
        />
        <Fieldset legend={t('numbers')}>
          <Stack gap="sm">
            <AgentChoice label={t('reaches')} maw="100%" {...form.getInputProps('agent')} />
            <TextInput label={t('label')} maxLength={200} {...form.getInputProps('label')} />
          </Stack>
        </Fieldset>
        <FormProblem text={problem} />
        <FormButtons
          label={t('ports.submit')}
          busy={ask.isPending}
          cancel={{ label: t('common:cancel'), onClick: onClose }}
        />
      </Stack>
    </form>
  )
}
