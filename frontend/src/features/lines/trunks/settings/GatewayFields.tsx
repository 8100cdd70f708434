/** Where calls are sent: the carrier's gateways. */
import { ActionIcon, Button, NumberInput, Select, Stack, Switch, Text, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import classes from '../trunks.module.css'
import { emptyGateway, type TrunkForm } from '../values'

export const TRANSPORTS = ['udp', 'tcp', 'tls'].map((value) => ({ value, label: value.toUpperCase() }))

export function GatewayFields({ form }: { form: UseFormReturnType<TrunkForm> }) {
  const { t } = useTranslation('lines')
  return (
    <Stack gap="sm" role="group" aria-label={t('gateways')}>
      {form.values.gateways.map((_, i) => (
        <GatewayRow key={i} form={form} i={i} />
      ))}
      {form.errors.gateways && (
        <Text size="sm" c="red" role="alert">
          {form.errors.gateways}
        </Text>
      )}
      <Text size="sm" c="dimmed">
        {t('gatewaysHelp')}
      </Text>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} />}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => form.insertListItem('gateways', emptyGateway())}
      >
        {t('addGateway')}
      </Button>
    </Stack>
  )
}

function GatewayRow({ form, i }: { form: UseFormReturnType<TrunkForm>; i: number }) {
  const { t } = useTranslation('lines')
  return (
    <div className={classes.gateway}>
      <TextInput
        className={classes.host}
        label={t('host')}
        required
        spellCheck={false}
        {...form.getInputProps(`gateways.${i}.host`)}
      />
      <NumberInput
        label={t('port')}
        hideControls
        placeholder={t('portAuto')}
        {...form.getInputProps(`gateways.${i}.port`)}
      />
      <Select
        label={t('transport')}
        allowDeselect={false}
        data={TRANSPORTS}
        {...form.getInputProps(`gateways.${i}.transport`)}
      />
      <NumberInput label={t('priority')} {...form.getInputProps(`gateways.${i}.priority`)} />
      <NumberInput label={t('weight')} {...form.getInputProps(`gateways.${i}.weight`)} />
      <div className={classes.use}>
        <Switch label={t('enabled')} {...form.getInputProps(`gateways.${i}.enabled`, { type: 'checkbox' })} />
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={t('removeGateway', { number: i + 1 })}
          onClick={() => form.removeListItem('gateways', i)}
        >
          <IconTrash size={17} />
        </ActionIcon>
      </div>
    </div>
  )
}
