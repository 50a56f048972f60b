import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import schema from '../schema/settings.json';
import type { Mode } from './protocol';
import type { IReactiveSettings } from './tokens';

/**
 * The settings of the extension; where there is no registry, the defaults of its schema.
 */
export class Settings implements IReactiveSettings {
  constructor(settings: ISettingRegistry.ISettings | null) {
    this._settings = settings;
    settings?.changed.connect(() => this._changed.emit());
  }

  get mode(): Mode | null {
    const mode = this._get('mode');
    return mode === 'auto' || mode === 'lazy' ? mode : null;
  }

  get marks(): boolean {
    return this._get('marks') as boolean;
  }

  get lookAhead(): number {
    return this._get('lookAhead') as number;
  }

  get confirmAfter(): number {
    return this._get('confirmAfter') as number;
  }

  get provenance(): boolean {
    return this._get('provenance') as boolean;
  }

  get panelParts(): readonly string[] {
    return this._get('panelParts') as string[];
  }

  get notify(): boolean {
    return this._get('notify') as boolean;
  }

  get tour(): boolean {
    // Where nothing is remembered, it would be offered each time.
    return this._settings !== null && (this._get('tour') as boolean);
  }

  async endTour(): Promise<void> {
    await this._settings?.set('tour', false);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  private _get(name: keyof typeof schema.properties): unknown {
    return this._settings?.composite[name] ?? schema.properties[name].default;
  }

  private _changed = new Signal<this, void>(this);
  private _settings: ISettingRegistry.ISettings | null;
}
