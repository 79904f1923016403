<?php

declare(strict_types=1);

// The same answer as ../warm/worker.php.
header('Content-Type: application/json');
$user = ['id' => 1, 'name' => 'Gandalf', 'email' => 'gandalf@middleearth.example'];
echo json_encode(['message' => 'hello', 'user' => $user]);
