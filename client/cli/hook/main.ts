#!/usr/bin/env node
// The hook program's door: `signalbox hook` without the rest of the command line, to start faster.
import { runAsProcess } from './hook-process.js';

runAsProcess(process.argv.slice(2));
