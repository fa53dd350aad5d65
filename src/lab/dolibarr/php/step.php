<?php
/**
 * Runs a step of Dolibarr's own installer with the arguments of DRILL_LAB_ARGV, a JSON list that begins with the file of
 * the step. So no password is on a command line.
 */

$argv = json_decode((string) getenv('DRILL_LAB_ARGV'), true, 8, JSON_THROW_ON_ERROR);
$argc = count($argv);
$_SERVER['argv'] = $argv;
$_SERVER['argc'] = $argc;
$_SERVER['SCRIPT_FILENAME'] = $_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = $argv[0];
putenv('DRILL_LAB_ARGV');
chdir(dirname($argv[0]));
require $argv[0];
