<?php
/**
 * Does Dolibarr's own actions, by its own classes, in one transaction. The arguments are its htdocs, and for a company that is
 * to stay the number of an entity: then the documents are written where they belong, and the end of the input commits all of
 * it. Without that it is never committed. Each line of the input is a question, JSON: an action with its arguments, or SQL.
 * Each answer is a line that begins with `@`.
 */

$stays = isset($argv[2]);
if ($stays) {
    define('DOLENTITY', (int) $argv[2]);
}
foreach (array('NOSESSION', 'NOREQUIREMENU', 'NOREQUIREHTML', 'NOREQUIREAJAX', 'NOLOGIN') as $name) {
    define($name, '1');
}
require $argv[1] . '/master.inc.php';
foreach (
    array('core/lib/admin.lib', 'core/lib/files.lib', 'societe/class/societe.class', 'contact/class/contact.class',
        'product/class/product.class', 'compta/bank/class/account.class', 'compta/facture/class/facture.class',
        'compta/paiement/class/paiement.class', 'core/class/discount.class', 'core/class/extrafields.class',
        'core/class/fiscalyear.class', 'fourn/class/fournisseur.facture.class', 'fourn/class/paiementfourn.class',
        'accountancy/class/bookkeeping.class', 'accountancy/class/lettering.class', 'contrat/class/contrat.class',
        'expensereport/class/expensereport.class', 'expensereport/class/paymentexpensereport.class', 'projet/class/project.class',
        'comm/propal/class/propal.class', 'commande/class/commande.class', 'fourn/class/fournisseur.commande.class',
        'user/class/usergroup.class', 'comm/action/class/actioncomm.class') as $file
) {
    require_once DOL_DOCUMENT_ROOT . "/$file.php";
}
$langs->setDefaultLang('en_US');
$langs->loadLangs(array('main', 'bills', 'orders', 'propal', 'companies', 'products', 'banks', 'accountancy', 'trips', 'errors'));

/** The action's name, and what it does with its arguments. */
$acts = array();
foreach (array('setup', 'invoices', 'payments', 'suppliers', 'accounting', 'others', 'missed', 'papers') as $file) {
    require __DIR__ . "/$file.php";
}

// a second entity's documents lie in a folder of its own, as the module Multicompany has them
$folder = $stays ? DOL_DATA_ROOT . ($conf->entity > 1 ? "/$conf->entity" : '') : sys_get_temp_dir() . '/dolibarr-acts-' . getmypid();
if (!$stays) {
    register_shutdown_function(fn () => dol_delete_dir_recursive($folder));
}
dol_mkdir($folder);
$db->begin();
load_setup();

while (($line = fgets(STDIN)) !== false) {
    try {
        $answer = array('value' => answer(json_decode($line, true, 64, JSON_THROW_ON_ERROR)));
    } catch (Throwable $error) {
        $answer = array('error' => $error->getMessage() . ' ' . $db->lasterror());
    }
    fwrite(STDOUT, "\n@" . json_encode($answer, JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE) . "\n");
}
if ($stays) {
    $db->commit();
}

function answer(array $question)
{
    global $db, $acts;
    if (isset($question['sql'])) {
        return rows($question['sql'], $question['parameters']);
    }
    $value = $acts[$question['act']]($question['with']);
    if ($db->transaction_opened !== 1) {
        throw new Exception("{$question['act']} left {$db->transaction_opened} transactions open");
    }
    return $value;
}

/** What the modules and constants are now, as a process that starts would read it; documents go to `$folder`. */
function load_setup(): void
{
    global $conf, $db, $user, $folder;
    $conf->setValues($db);
    $conf->cache = array();
    $user->fetch(0, 'admin');
    $user->loadRights('', 1);
    foreach (get_object_vars($conf) as $part) {
        if (is_object($part)) {
            foreach (get_object_vars($part) as $name => $value) {
                if (is_string($value) || is_array($value)) {
                    $part->$name = str_replace(DOL_DATA_ROOT, $folder, str_replace($folder, DOL_DATA_ROOT, $value));
                }
            }
        }
    }
}

/** Rows with values as JSON has them. */
function rows(string $sql, array $parameters): array
{
    global $db;
    $texts = array_map(fn ($value) => is_array($value) ? '{' . implode(',', $value) . '}' : $value, $parameters);
    $result = $texts ? pg_query_params($db->db, $sql, $texts) : pg_query($db->db, $sql);
    if (!$result) {
        throw new Exception(pg_last_error($db->db) . " in: $sql");
    }
    $types = array_map(fn ($at) => pg_field_type($result, $at), array_keys(array_fill(0, max(0, pg_num_fields($result)), 0)));
    $typed = fn ($value, $type) => $value === null ? null : match ($type) {
        'bool' => $value === 't',
        'int2', 'int4', 'float4', 'float8' => $value + 0,
        'json', 'jsonb' => json_decode($value, true),
        default => $value,
    };
    $all = array();
    while ($row = pg_fetch_row($result)) {
        $named = array();
        foreach ($row as $at => $value) {
            $named[pg_field_name($result, $at)] = $typed($value, $types[$at]);
        }
        $all[] = $named;
    }
    return $all;
}

/** The result of Dolibarr's call; throws Dolibarr's message where it failed. */
function check($result, $object, string $action)
{
    if ($result > 0) {
        return $result;
    }
    $words = array_merge(array((string) $object->error), array_map('strval', (array) $object->errors));
    throw new Exception("Dolibarr cannot $action: " . implode('; ', array_filter($words)));
}

/** The object of that class with that id. */
function fetched(string $class, int $id)
{
    global $db;
    $object = new $class($db);
    check($object->fetch($id), $object, "load the $class $id");
    return $object;
}

/** A day, `2026-02-11`, at noon. */
function day(string $date): int
{
    return dol_mktime(12, 0, 0, (int) substr($date, 5, 2), (int) substr($date, 8, 2), (int) substr($date, 0, 4));
}
