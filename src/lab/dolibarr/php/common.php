<?php
/** Loads Dolibarr as its administrator. The first argument is a JSON file: htdocs, company, plan, logo. */

$input = json_decode((string) file_get_contents($argv[1]), true, 32, JSON_THROW_ON_ERROR);

// this is no page: no session, no menus, no login
foreach (array('NOSESSION', 'NOREQUIREMENU', 'NOREQUIREHTML', 'NOREQUIREAJAX', 'NOLOGIN') as $name) {
    define($name, '1');
}
require $input['htdocs'] . '/master.inc.php';
require_once DOL_DOCUMENT_ROOT . '/core/lib/admin.lib.php';
require_once DOL_DOCUMENT_ROOT . '/core/lib/files.lib.php';

$langs->setDefaultLang('en_US');
$langs->loadLangs(array('main', 'bills', 'companies', 'products', 'banks'));
check($user->fetch(0, 'admin'), $user, 'load the administrator');
$user->loadRights();

/** Exits with status 1 and Dolibarr's message where its call failed; otherwise returns its result. */
function check($result, $object, string $action)
{
    if ($result > 0) {
        return $result;
    }
    $words = array_merge(array((string) $object->error), array_map('strval', (array) $object->errors));
    fwrite(STDERR, "Dolibarr cannot $action: " . implode('; ', array_filter($words)) . ' ' . $object->db->lasterror() . "\n");
    exit(1);
}

/** Reports the progress to the lab. */
function progress(int $done, int $total): void
{
    fwrite(STDOUT, "@ $done $total\n");
}

/** A day, `2026-02-11`, as Dolibarr's timestamp at noon, so that it is the same day in every time zone. */
function day(string $date): int
{
    return dol_mktime(12, 0, 0, (int) substr($date, 5, 2), (int) substr($date, 8, 2), (int) substr($date, 0, 4));
}
