/** The second step: where the other side is, and how each proves itself. Only what the kind needs. */
import { NumberInput, Radio, Select, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import {
  AccountFields,
  AccountHereFields,
  AllowedField,
  DirectionField,
  type PartProps,
} from '../settings/access'
import { TRANSPORTS } from '../settings/GatewayFields'
import { sends, takes, usesGateways } from '../values'
import { type Account, foundBy, type Found, type Kind } from './kinds'
import classes from './setup.module.css'

interface ConnectionStepProps extends PartProps {
  kind: Kind
  account: Account
}

export function ConnectionStep({ form, kind, account }: ConnectionStepProps) {
  const { t } = useTranslation('lines')
  const { values } = form
  const registersHere = values.registration === 'inbound'
  return (
    <Stack gap="md">
      <TextInput
        label={t('name')}
        description={t('nameHelp')}
        placeholder={t(`setup.${kind}.name`)}
        required
        maxLength={200}
        maw={420}
        data-autofocus
        {...form.getInputProps('name')}
      />
      <DirectionField form={form} />
      {kind === 'pbx' && <FoundField form={form} account={account} />}
      {!registersHere && usesGateways(values) && <ServerFields form={form} kind={kind} />}
      {kind === 'account' && (
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <AccountFields form={form} set={false} />
        </SimpleGrid>
      )}
      {registersHere ? (
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <AccountHereFields form={form} set={false} />
        </SimpleGrid>
      ) : (
        takes(values) && <AllowedField form={form} needed={kind !== 'account'} />
      )}
    </Stack>
  )
}

function FoundField({ form, account }: PartProps & { account: Account }) {
  const { t } = useTranslation('lines')
  const found: Found = form.values.registration === 'inbound' ? 'registers' : 'address'
  return (
    <Radio.Group
      label={t('pbxFound')}
      value={found}
      onChange={(value) => {
        form.setValues(foundBy(form.getValues(), value as Found, account))
        form.clearErrors()
      }}
    >
      <Stack gap="xs" mt="xs">
        <Radio value="address" label={t('pbxAddress')} description={t('pbxAddressHelp')} />
        <Radio value="registers" label={t('pbxRegisters')} description={t('pbxRegistersHelp')} />
      </Stack>
    </Radio.Group>
  )
}

/** One server is enough to begin with; more are added on the trunk's page. */
function ServerFields({ form, kind }: PartProps & { kind: Kind }) {
  const { t } = useTranslation('lines')
  const help = kind === 'pbx' ? t('serverHelpPbx') : sends(form.values) ? t('serverHelp') : t('serverHelpIn')
  return (
    <div className={classes.server}>
      <TextInput
        label={t('server')}
        description={help}
        placeholder={kind === 'pbx' ? 'pbx.example.com' : 'sip.carrier.example'}
        required
        spellCheck={false}
        inputWrapperOrder={ORDER}
        {...form.getInputProps('gateways.0.host')}
      />
      <NumberInput
        label={t('port')}
        description={t('portHelp')}
        placeholder={t('portAuto')}
        hideControls
        inputWrapperOrder={ORDER}
        {...form.getInputProps('gateways.0.port')}
      />
      <Select
        label={t('transport')}
        description={t('transportHelp')}
        allowDeselect={false}
        data={TRANSPORTS}
        inputWrapperOrder={ORDER}
        {...form.getInputProps('gateways.0.transport')}
      />
    </div>
  )
}

// Side by side, fields line up only with their help under them.
const ORDER: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'error', 'description']
